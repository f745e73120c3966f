using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Serves the vendor's calls, with HTTP 200 whatever the result; <see cref="CometMap{TApi}"/> maps them. Only a call that returns bytes
/// refuses with the status of the refusal, because its callers do not look into the body.
/// </summary>
internal static partial class CometEndpoint
{
    /// <summary>Room for a profile of several megabytes, which grows when it is written as a form.</summary>
    private const long LargestForm = 16 * 1024 * 1024;

    /// <summary>Maps a call that this server does not have; the response states the reason.</summary>
    public static void MapCometUnsupported(
        this IEndpointRouteBuilder endpoints, string name, CometApiResponseMessage refusal, bool returnsBytes) =>
        endpoints.MapCall(name, CometAudience.Nobody, context => WriteAsync(context, refusal), returnsBytes);

    /// <summary>Everything else below the root, with any method.</summary>
    public static void MapCometUnknown(this IEndpointRouteBuilder endpoints) =>
        endpoints.Map(Routes.CometApi + "/{**path}", context => WriteAsync(context, CometErrors.UnknownCall))
            .WithTags("Comet").ExcludeFromDescription().AllowAnonymous();

    // Anonymous for the framework, because credentials are in the body; AnswerAsync calls no handler for a caller without them.
    public static void MapCall(
        this IEndpointRouteBuilder endpoints,
        string path,
        CometAudience audience,
        RequestDelegate answer,
        bool returnsBytes,
        CallDescription? description = null)
    {
        foreach (var name in CometAliases.Of(path).Prepend(path))
        {
            var call = endpoints.MapPost($"{Routes.CometApi}/{name}", answer)
                .WithTags("Comet").WithMetadata(audience, new BodyLimit(LargestForm)).AllowAnonymous();
            if (returnsBytes)
            {
                call.WithMetadata(ReturnsBytes.Instance);
            }

            if (description is not null && name == path)
            {
                call.WithMetadata(description);
            }
        }
    }

    /// <summary>Reads the form, signs the caller in, and writes the result of <paramref name="handler"/>.</summary>
    public static async Task AnswerAsync(HttpContext context, CometSignInRule signIn, Func<CometCall, Task<object>> handler)
    {
        object answer;
        try
        {
            answer = await CometForm.ReadAsync(context.Request, context.RequestAborted) is { } form
                ? NameTheField(await CallAsync(context, form, signIn, handler), form, context.GetEndpoint())
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
            if (failure is not RefusedException)
            {
                LogCallFailed(
                    context.RequestServices.GetRequiredService<ILogger<CometSignIn>>(), context.GetEndpoint()?.DisplayName, failure);
            }

            answer = ExplainedFailure.Of(context.RequestServices, failure) is { } explained
                ? new CometApiResponseMessage(explained.Status, explained.Detail)
                : CometErrors.Internal;
        }

        await WriteAsync(context, answer);
    }

    private static async Task<object> CallAsync(
        HttpContext context, CometForm form, CometSignInRule signIn, Func<CometCall, Task<object>> handler)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiresRole>() is { } role && !role.IsOnFor(context.RequestServices))
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
        GrowthCaller.Current?.Become(
            caller.Account is null ? CallerKind.Administrator : CallerKind.Account,
            (caller.Account?.Id ?? caller.Administrator?.Id)?.ToString(), organization);
        // Callers of a tenant use its hosts only, and not while it is suspended.
        return context.RequestServices.GetRequiredService<OrganizationCache>().Admits(organization, context.Request.Host)
            ? await handler(new CometCall(form, context, caller.Administrator, caller.Account))
            : CometErrors.Unauthorised;
    }

    // The body stays in the vendor's form; a header says when to retry.
    private static void Explain(HttpContext context, CometForm form, CometApiResponseMessage refusal)
    {
        if (refusal == CometErrors.Busy)
        {
            context.Response.Headers.RetryAfter = "5";
        }
        else if (refusal == CometErrors.Unauthorised
            && CometSignIn.FieldOf(form, context, CometCredentials.AuthType) is not (CometCredentials.SessionKey or ""))
        {
            var username = CometSignIn.FieldOf(form, context, CometCredentials.Username);
            context.RequestServices.GetRequiredService<SignInLimits>().Refuse(context, username);
        }
    }

    // A refusal says which required field is missing, and where the JSON of a field is wrong.
    private static object NameTheField(object answer, CometForm form, Endpoint? call)
    {
        if (answer is not CometApiResponseMessage { Status: 400 or 404 } refusal)
        {
            return answer;
        }

        var missing = call?.Metadata.GetMetadata<CallDescription>()?.Fields
            .FirstOrDefault(field => field is { IsRequired: true, Encoding: not "multipart-file" } && form.Text(field.Name).Length == 0);
        return missing is not null ? refusal with { Message = $"Parameter {missing.Name} is missing" }
            : form.Faults.FirstOrDefault() is { Key: not null } fault
                ? refusal with { Message = $"{refusal.Message}; it is wrong at {fault.Value}" }
            : refusal;
    }

    public static Task WriteAsync(HttpContext context, object answer)
    {
        context.Response.StatusCode =
            answer is CometApiResponseMessage refusal && context.GetEndpoint()?.Metadata.GetMetadata<ReturnsBytes>() is not null
                ? refusal.Status
                : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        if (answer is CometRaw raw)
        {
            context.Response.ContentType = raw.ContentType;
            return raw.WriteAsync(context.Response.Body, context.RequestAborted);
        }

        return context.Response.WriteAsJsonAsync(answer, answer.GetType(), CometJson.Options, "application/json", context.RequestAborted);
    }

    /// <summary>Metadata of a call whose content is not JSON.</summary>
    private sealed class ReturnsBytes
    {
        public static readonly ReturnsBytes Instance = new();
    }

    [LoggerMessage(LogEvents.CometCallFailed, LogLevel.Error, "The call {Call} failed")]
    private static partial void LogCallFailed(ILogger logger, string? call, Exception failure);
}
