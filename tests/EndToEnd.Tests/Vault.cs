using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>A bucket with a key, seen the way restic sees it and the way it lies on the volumes.</summary>
internal sealed class Vault(Installation installation, string bucketId, string secret)
{
    private const string RepositoryPassword = "password of the repository";

    public string BucketId => bucketId;

    public string Secret => secret;

    /// <summary>Its directories on all volumes that have one.</summary>
    public IEnumerable<string> Directories => installation.Volumes.Select(DirectoryOn).Where(Directory.Exists);

    public static async Task<Vault> AddToAsync(Installation installation, string? bucketId = null)
    {
        var created = await installation.Admin.AddBucketAsync(bucketId);
        return new Vault(installation, created.Bucket.Id, created.Secret!);
    }

    public async Task<Vault> WithNewKeyAsync(BucketKeyMode mode)
    {
        var created = await installation.Admin.AddKeyAsync(bucketId, mode);
        return new Vault(installation, bucketId, created.Secret!);
    }

    public Vault WithSecret(string other) => new(installation, bucketId, other);

    /// <summary>The same on another server, with the same key.</summary>
    public Vault On(Installation other) => new(other, bucketId, secret);

    public string DirectoryOn(string volume) => Path.Combine(volume, "buckets", bucketId);

    /// <summary>restic without a cache, so that everything it reads comes from the server.</summary>
    public Restic OpenWithRestic(Route? route = null, bool smallPacks = false) =>
        new(Restic.UrlOf(route?.Address ?? installation.Server.Address, bucketId, secret), RepositoryPassword)
        {
            CertificateFile = route?.CertificateFile,
            WithoutCache = true,
            WithSmallPacks = smallPacks,
        };

    /// <summary>A repository in a directory of this machine that has the same password.</summary>
    public static Restic OpenLocally(string directory) => new(directory, RepositoryPassword) { WithoutCache = true };

    public VaultFiles OpenWithHttp() => new(installation.Server.Address, bucketId, secret);
}
