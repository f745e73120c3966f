using Halley.Protocol;
using Halley.Server.Access;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Maps the calls of one class: a POST of form fields in, JSON and HTTP 200 out. Fields are listed as <see cref="CometField.Parse"/>
/// reads them; they and the type of the reply describe the call in the API document:
/// <code>map.Admin("policies/get", "PolicyID", (api, call) =&gt; api.GetAsync(call));</code>
/// </summary>
internal sealed class CometMap<TApi>(IEndpointRouteBuilder endpoints)
    where TApi : notnull
{
    private static readonly ObjectFactory<TApi> Create = ActivatorUtilities.CreateFactory<TApi>([]);

    /// <summary>A call that any signed-in administrator may make.</summary>
    public void Admin<TReply>(string name, string fields, Func<TApi, CometCall, Task<TReply>> handler)
        where TReply : ICometReply<TReply> =>
        Admin(name, fields, Requires.None, handler);

    public void Admin<TReply>(string name, string fields, Func<TApi, CometCall, TReply> handler)
        where TReply : ICometReply<TReply> =>
        Admin(name, fields, Requires.None, handler);

    /// <summary>A call for administrators that meet all of <paramref name="requires"/>.</summary>
    public void Admin<TReply>(string name, string fields, Requires requires, Func<TApi, CometCall, Task<TReply>> handler)
        where TReply : ICometReply<TReply> =>
        Map($"admin/{name}", fields, CometAudience.Administrators, handler, CometSignIn.Rule(name, requires));

    public void Admin<TReply>(string name, string fields, Requires requires, Func<TApi, CometCall, TReply> handler)
        where TReply : ICometReply<TReply> =>
        Admin(name, fields, requires, (api, call) => Task.FromResult(handler(api, call)));

    /// <summary>
    /// A call that any signed-in user may make; <see cref="CometCall.Account"/> is the caller. While the password must be changed, only
    /// calls with
    /// <paramref name="beforePasswordChange"/> are open.
    /// </summary>
    public void User<TReply>(string name, string fields, Func<TApi, CometCall, Task<TReply>> handler, bool beforePasswordChange = false)
        where TReply : ICometReply<TReply> =>
        Map($"user/web/{name}", fields, CometAudience.Users, handler, CometUserSignIn.Rule(beforePasswordChange));

    /// <summary>A call for administrators and users; <see cref="CometCall.IsUser"/> distinguishes them.</summary>
    public void Hybrid<TReply>(string name, string fields, Func<TApi, CometCall, Task<TReply>> handler)
        where TReply : ICometReply<TReply> =>
        Map($"hybrid/{name}", fields, CometAudience.AdministratorsAndUsers, handler, CometHybridSignIn.Rule);

    /// <summary>A call that needs no credentials.</summary>
    public void Open<TReply>(string name, string fields, Func<TApi, CometCall, Task<TReply>> handler)
        where TReply : ICometReply<TReply> =>
        Map(name, fields, CometAudience.Everybody, handler, (_, _) => Task.FromResult(new CometCaller(null, null)));

    private void Map<TReply>(
        string path, string fields, CometAudience audience, Func<TApi, CometCall, Task<TReply>> handler, CometSignInRule signIn)
        where TReply : ICometReply<TReply> =>
        endpoints.MapCall(
            path,
            audience,
            context => CometEndpoint.AnswerAsync(
                context, signIn, async call => (await handler(Create(context.RequestServices, []), call)).Body),
            returnsBytes: TReply.Content == typeof(CometRaw),
            new CallDescription(path, CometField.Parse(fields), TReply.Content));
}
