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
        endpoints.MapCometUserAt($"user/web/{name}", handler, beforePasswordChange);

    /// <summary>The same for the few calls of users that are elsewhere.</summary>
    public static void MapCometUserAt<TApi>(
        this IEndpointRouteBuilder endpoints, string path, Func<TApi, CometCall, Task<object>> handler, bool beforePasswordChange = false)
        where TApi : notnull =>
        endpoints.MapCall(path, context => AnswerAsync(context, handler, UserSignIn(beforePasswordChange)));

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
}
