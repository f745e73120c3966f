using System.Text.Json;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

/// <summary>A small repository of format 2 that restic 0.14.0 wrote, file by file: <c>tiny-repository.json</c>.</summary>
internal static class TinyRepository
{
    public const string Password = "corr€ct \"horse\"";
    public const string KeyFile = "95ac4fa86a73225bf3cc08e4970af6045bb66ffc827c612a09e65d64082b2fa9";
    public const string Snapshot = "7d938040268e57361a5703177873e2d6c6deef467ea85fba5784b23aead4b96e";
    public const string Index = "e9c6e92fa59c12aa4d61b637f5496475cbe53ea3c413f23b0f5e56875751d6ce";
    public const string DataPack = "f67017cc6d1620679c897258efefc79f82bad132e7cc738baa4896a93c337e74";
    public const string TreePack = "7688eeb0c8620814a18181505bf0ffeecfd6832374ed7dfd2e84201858bc7b68";

    /// <summary>All its files.</summary>
    public static IReadOnlyList<TestBlob> Files { get; } = [.. Read()];

    /// <summary>A store with all its files.</summary>
    public static async Task<MemoryBlobStore> OpenStoreAsync()
    {
        var store = new MemoryBlobStore();
        foreach (var file in Files)
        {
            Assert.Equal(PutOutcome.Stored, await file.PutAsync(store));
        }

        return store;
    }

    private static IEnumerable<TestBlob> Read()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Checkout.PathOf("tests/Client.Tests/Repository/tiny-repository.json")));
        foreach (var file in json.RootElement.EnumerateObject().ToList())
        {
            var folder = file.Name.Split('/')[0];
            var type = BlobName.TryParseCollection(folder, out var collection) ? collection.Value : BlobType.Config;
            yield return TestBlob.Of(type, Convert.FromBase64String(file.Value.GetString()!));
        }
    }
}
