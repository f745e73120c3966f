using Halley.Testing;

namespace Halley.Storage.Tests.Faults;

/// <summary>
/// What a client was told about its files, and whether the store keeps to it: acknowledged means present and whole, or absent; whatever
/// ended with an exception is absent or whole; nothing else is ever visible.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<TestBlob, bool?> _isPresent = []; // null: the client cannot know

    public Exception? LastError { get; private set; }

    /// <summary>Uploads and notes what the client was told.</summary>
    public async Task<PutOutcome?> PutAsync(IBlobStore store, TestBlob blob)
    {
        var before = _isPresent.TryGetValue(blob, out var known) ? known : false;
        if (before == false)
        {
            _isPresent[blob] = null;
        }

        if (await CatchAsync(() => blob.PutAsync(store)) is not { } outcome)
        {
            return null;
        }

        if (outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent)
        {
            _isPresent[blob] = true;
        }
        else if (before == false)
        {
            _isPresent[blob] = false;
        }

        return outcome;
    }

    /// <summary>Deletes and notes what the client was told.</summary>
    public async Task DeleteAsync(IBlobStore store, TestBlob blob)
    {
        _isPresent[blob] = null;
        if (await CatchAsync(async () => await store.DeleteAsync(blob.Name, CancellationToken.None) ?? -1) is not null)
        {
            _isPresent[blob] = false;
        }
    }

    /// <summary>Takes the whole bucket away and notes what the client was told.</summary>
    public void Discard(Action discard)
    {
        foreach (var blob in _isPresent.Keys)
        {
            _isPresent[blob] = _isPresent[blob] == false ? false : null;
        }

        LastError = null;
        try
        {
            discard();
            foreach (var blob in _isPresent.Keys)
            {
                _isPresent[blob] = false;
            }
        }
        catch (IOException error)
        {
            LastError = error;
        }
    }

    /// <summary>Checks a store that was opened afresh against what the client was told.</summary>
    public async Task CheckAsync(IBlobStore store, string hint)
    {
        foreach (var (blob, expected) in _isPresent)
        {
            var length = await store.FindAsync(blob.Name, CancellationToken.None);
            var content = await blob.ReadAsync(store);
            if (blob.Name == BlobName.Config && expected != true)
            {
                var isKnown = content is null
                    || _isPresent.Any(other => other.Value != false && content.AsSpan().SequenceEqual(other.Key.Content));
                Assert.True(isKnown, $"The config is none that could be there. {hint}");
                continue;
            }

            Assert.True(expected is null || expected == length is not null,
                $"{blob.Name} should be there: {expected}, is: {length is not null}. {hint}");
            Assert.True(length is not null == content is not null, $"{blob.Name} is found but not read, or read but not found. {hint}");
            if (content is null)
            {
                continue;
            }

            Assert.True(length == content.Length && content.AsSpan().SequenceEqual(blob.Content),
                $"{blob.Name} is torn: {length} of {blob.Content.Length} bytes. {hint}");
        }

        foreach (var type in _isPresent.Keys.Select(blob => blob.Name.Type).Where(type => type != BlobType.Config).Distinct())
        {
            var listed = await TestBlob.ListAsync(store, type);
            Assert.All(listed, entry => Assert.Contains(_isPresent, blob =>
                blob.Value != false && blob.Key.Name == BlobName.Of(type, entry.Id) && blob.Key.Content.Length == entry.Length));
            Assert.All(_isPresent.Where(blob => blob.Value == true && blob.Key.Name.Type == type), blob =>
                Assert.Single(listed, entry => entry.Id == blob.Key.Name.Id));
        }
    }

    /// <summary>A client that tries again gets through.</summary>
    public async Task CheckThatAllCanBeUploadedAsync(IBlobStore store, string hint)
    {
        foreach (var blob in _isPresent.Keys.DistinctBy(blob => blob.Name))
        {
            var outcome = await blob.PutAsync(store);
            var isFine = outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent
                || (blob.Name == BlobName.Config && outcome == PutOutcome.Conflict);
            Assert.True(isFine, $"{blob.Name} cannot be uploaded again: {outcome}. {hint}");
            var content = await blob.ReadAsync(store);
            Assert.True(
                blob.Name == BlobName.Config || blob.Content.AsSpan().SequenceEqual(content), $"{blob.Name} reads differently. {hint}");
        }
    }

    private async Task<TResult?> CatchAsync<TResult>(Func<Task<TResult>> call)
        where TResult : struct
    {
        try
        {
            LastError = null;
            return await call();
        }
        catch (IOException error)
        {
            LastError = error;
            return null;
        }
    }
}
