using Halley.Protocol.Comet;

namespace Halley.Server.CometApi;

internal static partial class CometEndpoint
{
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
}
