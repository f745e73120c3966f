using System.Text.Json;
using Halley.Storage;
using Halley.Storage.Memory;
using Halley.Testing;
using Microsoft.AspNetCore.Http;

namespace Halley.Server.Tests.StorageRole;

/// <summary>
/// The vault protocol as restic's own server speaks it (restic/rest-server 0.14, repo/repo.go), where that differs from ours: errors are
/// plain text, a file that exists is never taken again, also when it is the same, config has no ranges, and lists may be of version 1.
/// </summary>
internal sealed class ResticRestServer(bool hasPackIndex = true)
{
    private readonly MemoryBlobStore _files = new();

    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/');
        if (path is ["", "config"] or ["", _, { Length: > 0 }])
        {
            var name = path.Length == 2 ? BlobName.Config : NameOf(path[1], path[2]);
            await (name is { } known
                && (hasPackIndex || known.Type != BlobType.PackIndex) ? FileAsync(context, known) : EndAsync(context, 404));
        }
        else if (path is ["", var folder, ""]
            && BlobName.TryParseCollection(folder, out var type) && (hasPackIndex || type != BlobType.PackIndex))
        {
            var entries = await TestBlob.ListAsync(_files, type.Value);
            context.Response.ContentType = "application/vnd.x.restic.rest.v1";
            await context.Response.WriteAsync(
                JsonSerializer.Serialize(entries.Select(entry => entry.Id).Append($"{BlobName.NameOf(type.Value)}.rest-server-temp1")));
        }
        else
        {
            await EndAsync(context, context.Request.Query.ContainsKey("create") ? 200 : 404);
        }
    }

    private static BlobName? NameOf(string folder, string id) =>
        BlobName.TryParseCollection(folder, out var type) && BlobName.IsId(id) ? BlobName.Of(type.Value, id) : null;

    private async Task FileAsync(HttpContext context, BlobName name)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            await EndAsync(context, await PutAsync(context, name));
        }
        else if (HttpMethods.IsDelete(context.Request.Method))
        {
            await _files.DeleteAsync(name, context.RequestAborted);
            await EndAsync(context, 200);
        }
        else if (await _files.OpenAsync(name, context.RequestAborted) is { } reader)
        {
            var content = await TestBlob.ReadAsync(reader);
            var ranged = name.Type != BlobType.Config && content.Length > 0;
            await Results.File(content, "application/octet-stream", enableRangeProcessing: ranged).ExecuteAsync(context);
        }
        else
        {
            await EndAsync(context, 404);
        }
    }

    private async Task<int> PutAsync(HttpContext context, BlobName name)
    {
        if (await _files.FindAsync(name, context.RequestAborted) is not null)
        {
            return 403;
        }

        try
        {
            return (await _files.PutAsync(name, context.Request.Body, context.Request.ContentLength, context.RequestAborted)).Outcome switch
            {
                PutOutcome.Stored => 200,
                PutOutcome.AlreadyPresent or PutOutcome.Conflict => 403,
                _ => 400,
            };
        }
        catch (BadHttpRequestException)
        {
            return 400; // the body was cut
        }
    }

    private static Task EndAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return HttpMethods.IsHead(context.Request.Method) || status == 200 ? Task.CompletedTask : context.Response.WriteAsync("No.\n");
    }
}

/// <summary>Our client against that server, judged by the suite of all stores.</summary>
public sealed class ResticRestServerConformance : BlobStoreConformance
{
    private HttpPeer? _peer;

    protected override async Task<IBlobStore> CreateStoreAsync()
    {
        _peer = await HttpPeer.StartAsync(new ResticRestServer().HandleAsync);
        var vault = _peer.OpenVault();
        await vault.CreateAsync(CancellationToken.None);
        return vault;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _peer!.DisposeAsync();
    }
}
