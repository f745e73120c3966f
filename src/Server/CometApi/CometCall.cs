using System.Net;
using Halley.Server.Administrators;

namespace Halley.Server.CometApi;

/// <summary>One call: its fields and who makes it.</summary>
internal sealed class CometCall(CometForm form, HttpContext context, AdministratorIdentity? administrator)
{
    public CometForm Form => form;

    public IPAddress? Client => context.Connection.RemoteIpAddress;

    public SessionOrigin Origin => SessionOrigin.Of(context);

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The caller. Calls that need nobody to be signed in must not ask.</summary>
    public AdministratorIdentity Administrator =>
        administrator ?? throw new InvalidOperationException("This call is open to everybody, so it has no administrator.");

    /// <summary>The file of a multipart call; null when there is none of that name.</summary>
    public async Task<IFormFile?> FileAsync(string name) =>
        context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(Aborted)).Files.GetFile(name) : null;

    public string? Header(string name) => context.Request.Headers[name].FirstOrDefault();
}
