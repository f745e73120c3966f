using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

/// <summary>A store some of whose files are not what was put there.</summary>
internal sealed class DamagedFiles(MemoryBlobStore inner, Func<Task<MemoryBlobStore>> makeOther) : IBlobStore
{
    private readonly Dictionary<BlobName, byte[]?> _changed = [];

    public async Task<BlobName> FirstAsync(BlobType type) =>
        type == BlobType.Config
            ? BlobName.Config
            : BlobName.Of(type, (await TestVault.NamesAsync(inner, type)).Order(StringComparer.Ordinal).First());

    public async Task DamageAsync(BlobName name, string trouble)
    {
        var content = (await new TestBlob(name, []).ReadAsync(inner))!;
        switch (trouble)
        {
            case "flip first": content[0] ^= 1; break;
            case "flip middle": content[content.Length / 2] ^= 0x80; break;
            case "flip last": content[^(name.Type == BlobType.Data ? 300 : 1)] ^= 4; break;
            case "truncate": content = content[..(content.Length / 2)]; break;
            case "append": content = [0, .. content]; break;
            case "empty": content = []; break;
            case "swap": content = await OtherVaultsAsync(name); break;
        }

        _changed[name] = trouble == "delete" ? null : content;
    }

    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation) =>
        _changed.TryGetValue(name, out var content)
            ? ValueTask.FromResult<long?>(content?.Length)
            : inner.FindAsync(name, cancellation);

    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation)
    {
        if (!_changed.TryGetValue(name, out var content))
        {
            return await inner.OpenAsync(name, cancellation);
        }

        if (content is null)
        {
            return null;
        }

        var store = new MemoryBlobStore();
        var file = TestBlob.Of(BlobType.Data, content); // under the name that the content has now
        await file.PutAsync(store);
        return await store.OpenAsync(file.Name, cancellation);
    }

    public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation) =>
        inner.PutAsync(name, content, length, cancellation);

    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation)
    {
        _changed.Remove(name);
        return inner.DeleteAsync(name, cancellation);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellation) =>
        inner.ListAsync(type, cancellation)
            .Select(entry => _changed.TryGetValue(BlobName.Of(type, entry.Id), out var content)
                ? new BlobEntry(entry.Id, content?.Length ?? -1)
                : entry)
            .Where(entry => entry.Length >= 0);

    // A whole file of the same kind, of another vault.
    private async Task<byte[]> OtherVaultsAsync(BlobName name)
    {
        var other = await makeOther();
        var stranger = name.Type == BlobType.Config ? name : BlobName.Of(name.Type, (await TestVault.NamesAsync(other, name.Type))[0]);
        return (await new TestBlob(stranger, []).ReadAsync(other))!;
    }
}
