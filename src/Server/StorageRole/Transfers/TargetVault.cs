using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The bucket on the other server as a client of it sees it: the vault protocol, with a key that was made for the transfer.</summary>
internal sealed class TargetVault(TargetCalls calls, string bucketId, string secret)
{
    private const string Version2 = "application/vnd.x.restic.rest.v2";
    private const int LongestConfig = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>All files of a type, with their sizes. A list that ends early is a <see cref="TargetException"/>.</summary>
    public async Task ListAsync(BlobType type, Action<FileId, long> found, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, BlobName.NameOf(type) + "/");
        request.Headers.Accept.ParseAdd(Version2);
        await calls.SendAsync(
            request,
            async (answer, stall) =>
            {
                await ThrowUnlessAsync(answer);
                await using var stream = await answer.Content.ReadAsStreamAsync(stall.Token);
                await foreach (var entry in JsonSerializer.DeserializeAsyncEnumerable<Entry>(stream, JsonSerializerOptions.Web, stall.Token))
                {
                    stall.Touch();
                    if (entry is { Name: { } name } && BlobName.IsId(name))
                    {
                        found(FileId.Parse(name), entry.Size);
                    }
                }

                return true;
            },
            cancellationToken);
    }

    /// <summary>The config; null when there is none.</summary>
    public async Task<byte[]?> ReadConfigAsync(CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, "config");
        return await calls.SendAsync<byte[]?>(
            request,
            async (answer, stall) =>
            {
                if (answer.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }

                await ThrowUnlessAsync(answer);
                await answer.Content.LoadIntoBufferAsync(LongestConfig, stall.Token);
                return await answer.Content.ReadAsByteArrayAsync(stall.Token);
            },
            cancellationToken);
    }

    /// <summary>Stores a file; false when its content here is not what its name says.</summary>
    /// <exception cref="BlobStoreException">It could not be read here.</exception>
    public async Task<bool> PutAsync(BlobName name, BlobReader reader, CancellationToken cancellationToken)
    {
        using var stall = calls.NewStall(Patience, cancellationToken);
        using var content = new BlobContent(reader, stall);
        using var request = Request(HttpMethod.Post, name.ToString());
        request.Content = content;
        request.Headers.ExpectContinue = true; // a refusal, as for a lack of room, is heard before the body is sent
        try
        {
            return await calls.SendAsync(
                request,
                async (answer, _) =>
                {
                    if (answer.StatusCode == HttpStatusCode.BadRequest)
                    {
                        return await TargetCalls.CodeOfAsync(answer) == "hash_mismatch"
                            ? false
                            : throw TargetException.Passing($"{calls.Host} did not get {name} whole.");
                    }

                    await ThrowUnlessAsync(answer);
                    return true;
                },
                cancellationToken,
                stall);
        }
        catch (Exception) when (content.Failure is not null)
        {
            throw content.Failure;
        }
    }

    public async Task DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Delete, name.ToString());
        await calls.SendAsync(
            request,
            async (answer, _) =>
            {
                await ThrowUnlessAsync(answer);
                return true;
            },
            cancellationToken);
    }

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, calls.Of($"{Routes.Vault}/{bucketId}/{path}"))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{bucketId}:{secret}"))) },
    };

    private async Task ThrowUnlessAsync(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            throw TargetException.Passing($"{calls.Host} does not take the key of this transfer any more; it gets a new one.");
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw await calls.RefusalOfAsync(answer);
        }
    }

    private sealed record Entry(string? Name, long Size);
}
