using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Halley.Server.StorageRole;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Maps the vendor's calls: a POST of form fields in, JSON and always HTTP 200 out. A handler gets the call and returns the object to
/// send, a <see cref="CometApiResponseMessage"/> when it refuses, or a <see cref="CometRaw"/> for the few calls that answer no JSON.
/// </summary>
internal static partial class CometEndpoint
{
    /// <summary>Room for a profile of several megabytes, which grows when it is written as a form.</summary>
    private const long LargestForm = 16 * 1024 * 1024;

    // Calls about the caller himself: open also to one who has to change his password first.
    private const string OwnAccount = "account/";

    private delegate Task<CometCaller> SignInRule(HttpContext context, CometForm form);

    /// <summary>A call that any signed-in administrator may make: <c>MapCometAdmin&lt;X&gt;("storage/list-buckets", (x, call) =&gt; x.ListAsync(call))</c>.</summary>
    public static void MapCometAdmin<TApi>(this IEndpointRouteBuilder endpoints, string name, Func<TApi, CometCall, Task<object>> handler)
        where TApi : notnull =>
        endpoints.MapCometAdmin(name, Requires.None, handler);

    /// <summary>A call that needs an administrator who meets all of <paramref name="requires"/>.</summary>
    public static void MapCometAdmin<TApi>(
        this IEndpointRouteBuilder endpoints, string name, Requires requires, Func<TApi, CometCall, Task<object>> handler)
        where TApi : notnull =>
        endpoints.MapCall($"admin/{name}", CometAudience.Administrators, context => AnswerAsync(context, handler, SignInFor(name, requires)));

    /// <summary>
    /// A call that needs a signed-in user: <c>MapCometUser&lt;X&gt;("get-user-profile-and-hash", (x, call) =&gt; x.GetAsync(call))</c> is
    /// <c>/api/v1/user/web/get-user-profile-and-hash</c>, and <c>call.Account</c> is who calls. While his password must be changed, only
    /// calls with <paramref name="beforePasswordChange"/> are answered.
    /// </summary>
    public static void MapCometUser<TApi>(
        this IEndpointRouteBuilder endpoints, string name, Func<TApi, CometCall, Task<object>> handler, bool beforePasswordChange = false)
        where TApi : notnull =>
        endpoints.MapCall($"user/web/{name}", CometAudience.Users, context => AnswerAsync(context, handler, UserSignIn(beforePasswordChange)));

    /// <summary>A call for whoever the credentials fit: <see cref="CometCall.IsUser"/> tells which.</summary>
    public static void MapCometHybrid<TApi>(this IEndpointRouteBuilder endpoints, string name, Func<TApi, CometCall, Task<object>> handler)
        where TApi : notnull =>
        endpoints.MapCall(
            $"hybrid/{name}", CometAudience.AdministratorsAndUsers,
            context => AnswerAsync(context, handler, EitherSignIn));

    /// <summary>A call that anybody may make.</summary>
    public static void MapCometOpen<TApi>(this IEndpointRouteBuilder endpoints, string name, Func<TApi, CometCall, Task<object>> handler)
        where TApi : notnull =>
        endpoints.MapCall(name, CometAudience.Everybody, context => AnswerAsync(context, handler, Nobody));

    /// <summary>A call that this server does not have, and says why.</summary>
    public static void MapCometUnsupported(this IEndpointRouteBuilder endpoints, string name, CometApiResponseMessage refusal) =>
        endpoints.MapCall(name, CometAudience.Nobody, context => WriteAsync(context, refusal));

    /// <summary>Everything else below the root, with any method.</summary>
    public static void MapCometUnknown(this IEndpointRouteBuilder endpoints) =>
        endpoints.Map(Routes.CometApi + "/{**path}", context => WriteAsync(context, CometErrors.UnknownCall))
            .WithTags("Comet").ExcludeFromDescription().AllowAnonymous();

    // Anonymous for the framework, because credentials are in the body; AnswerAsync lets nobody through who is not signed in.
    private static void MapCall(this IEndpointRouteBuilder endpoints, string path, CometAudience audience, RequestDelegate answer)
    {
        foreach (var name in CometAliases.Of(path).Prepend(path))
        {
            endpoints.MapPost($"{Routes.CometApi}/{name}", answer)
                .WithTags("Comet").WithMetadata(audience, new RequestSizeLimitAttribute(LargestForm)).AllowAnonymous();
        }
    }

    private static async Task AnswerAsync<TApi>(
        HttpContext context, Func<TApi, CometCall, Task<object>> handler, SignInRule signIn)
        where TApi : notnull
    {
        object answer;
        try
        {
            answer = await CometForm.ReadAsync(context.Request, context.RequestAborted) is { } form
                ? await CallAsync(context, form, handler, signIn)
                : CometErrors.NotAForm;
        }
        catch (InvalidDataException)
        {
            answer = CometErrors.NotAForm;
        }
        catch (BadHttpRequestException refused)
        {
            answer = refused.StatusCode == StatusCodes.Status413PayloadTooLarge ? CometErrors.TooLarge : CometErrors.NotAForm;
        }
#pragma warning disable CA1031 // the boundary of the request: these clients understand a failure only in this form
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogCallFailed(context.RequestServices.GetRequiredService<ILogger<CometSignIn>>(), context.GetEndpoint()?.DisplayName, failure);
            answer = CometErrors.Internal;
        }

        await WriteAsync(context, answer);
    }

    private static async Task<object> CallAsync<TApi>(
        HttpContext context, CometForm form, Func<TApi, CometCall, Task<object>> handler, SignInRule signIn)
        where TApi : notnull
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiresRole>() is { } role
            && !role.IsOn(context.RequestServices.GetRequiredService<ServerSettings>().Current, context.RequestServices.GetRequiredService<StorageOptions>()))
        {
            return CometErrors.RoleOff(role.Name);
        }

        var caller = await signIn(context, form);
        if (caller.Refusal is { } refusal)
        {
            Explain(context, form, refusal);
            return refusal;
        }

        var organization = caller.Administrator?.OrganizationId ?? caller.Account?.OrganizationId ?? "";
        // People of a tenant come in through its hosts only, and not while it is suspended.
        return (context.RequestServices.GetRequiredService<OrganizationDirectory>().Admits(organization, context.Request.Host) ? null : CometErrors.Unauthorised)
            ?? await handler(context.RequestServices.GetRequiredService<TApi>(), new CometCall(form, context, caller.Administrator, caller.Account));
    }

    // The body stays as the vendor's clients know it; who looks at headers learns when to try again.
    private static void Explain(HttpContext context, CometForm form, CometApiResponseMessage refusal)
    {
        if (refusal == CometErrors.Busy)
        {
            context.Response.Headers.RetryAfter = "5";
        }
        else if (refusal == CometErrors.Unauthorised && CometSignIn.FieldOf(form, context, CometCredentials.AuthType) is not (CometCredentials.SessionKey or ""))
        {
            context.RequestServices.GetRequiredService<SignInLimits>().Refuse(context, CometSignIn.FieldOf(form, context, CometCredentials.Username));
        }
    }

    private static SignInRule SignInFor(string name, Requires requires) => (context, form) => SignInAsync(context, form, name, requires);

    private static Task<CometCaller> Nobody(HttpContext context, CometForm form) => Task.FromResult(new CometCaller(null, null));

    private static async Task<CometCaller> SignInAsync(HttpContext context, CometForm form, string name, Requires requires)
    {
        var caller = await context.RequestServices.GetRequiredService<CometSignIn>().CheckAsync(form, context);
        return caller.Administrator switch
        {
            { MustChangePassword: true } when !name.StartsWith(OwnAccount, StringComparison.Ordinal) || name == CometSignIn.SessionAsUser => CometCaller.Refuse(CometErrors.MustChangePassword),
            { } administrator when !administrator.Meets(requires) => CometCaller.Refuse(CometErrors.Forbidden),
            _ => caller,
        };
    }

    private static SignInRule UserSignIn(bool beforePasswordChange) => (context, form) => SignInUserAsync(context, form, beforePasswordChange);

    private static async Task<CometCaller> SignInUserAsync(HttpContext context, CometForm form, bool beforePasswordChange)
    {
        var caller = await context.RequestServices.GetRequiredService<CometUserSignIn>().CheckAsync(form, context);
        return caller.Account switch
        {
            { MayUseWeb: false } => CometCaller.Refuse(CometErrors.NotOnTheWeb),
            { MustChangePassword: true } when !beforePasswordChange => CometCaller.Refuse(CometErrors.MustChangePassword),
            _ => caller,
        };
    }

    private static Task<CometCaller> EitherSignIn(HttpContext context, CometForm form) =>
        context.RequestServices.GetRequiredService<CometHybridSignIn>().CheckAsync(form, context);

    public static Task WriteAsync(HttpContext context, object answer)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        if (answer is CometRaw raw)
        {
            context.Response.ContentType = raw.ContentType;
            return raw.WriteAsync(context.Response.Body, context.RequestAborted);
        }

        return context.Response.WriteAsJsonAsync(answer, answer.GetType(), CometJson.Options, "application/json", context.RequestAborted);
    }

    [LoggerMessage(LogEvents.CometCallFailed, LogLevel.Error, "The call {Call} failed")]
    private static partial void LogCallFailed(ILogger logger, string? call, Exception failure);
}
