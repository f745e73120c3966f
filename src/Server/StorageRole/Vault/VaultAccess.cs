using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// Authenticates a client: HTTP Basic with the id of the bucket and one of its keys. A wrong key, a missing key and an unknown bucket take
/// the same time and get the same response.
/// </summary>
internal sealed class VaultAccess(
    BucketCache cache, CredentialVerifier verifier, CredentialHasher hasher, BucketKeyActions keys, TimeProvider time)
{
    private const string Kind = "bucket";
    private const string Scheme = "Basic ";
    private const int LongestCredential = 512;

    /// <summary>The bucket and key of a request; without a bucket, the outcome has the reason.</summary>
    public async ValueTask<VaultVisitor> IdentifyAsync(HttpContext context, string bucketId)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var secret = ReadSecret(context.Request, bucketId);
        cache.TryFind(bucketId, out var bucket);
        if (bucket is not null && secret is not null && verifier.TryFindVerified(Kind, bucketId, secret, out var hash) &&
            bucket.FindKey(hash, now) is { } known)
        {
            known.Use.Touch(now);
            return new VaultVisitor(bucket, known, CredentialOutcome.Verified);
        }

        return await VerifyAsync(context, bucketId, bucket, secret, now);
    }

    private async ValueTask<VaultVisitor> VerifyAsync(
        HttpContext context, string bucketId, OpenBucket? bucket, string? secret, DateTime now)
    {
        var hint = secret is null ? default : KeyHint.Of(secret);
        AccessKey[] valid = secret is null || bucket is null
            ? []
            : [
                .. bucket.Keys.Where(key => key.IsValidAt(now) && (KeyHint.Of(key) ?? hint) == hint)
                    .OrderBy(key => KeyHint.Of(key) is null), // the most likely first
            ];
        var verdict = await verifier.VerifyAsync(
            Kind, bucketId, Array.ConvertAll(valid, key => new StoredCredential(key.Format, key.Hash)), secret ?? "",
            context.Connection.RemoteIpAddress, context.RequestAborted, tenant: bucket?.OrganizationId ?? "",
            comparisons: BucketKeyActions.MaximumPerBucket);
        if (!verdict.IsVerified)
        {
            return new VaultVisitor(null, null, verdict.Outcome);
        }

        // The key may have been revoked while it was being compared.
        var key = valid[verdict.Index];
        if (bucket!.FindKey(key.Hash, now) is not { } current)
        {
            return new VaultVisitor(null, null, CredentialOutcome.Wrong);
        }

        current.Use.Touch(now);
        current.Use.Learn(hint);
        if (hasher.NeedsRehash(current.Format, current.Hash))
        {
            await keys.RenewHashAsync(bucket, current, secret!, context.RequestAborted);
        }

        return new VaultVisitor(bucket, current, CredentialOutcome.Verified);
    }

    /// <summary>The password of the Basic credential; null without one, or if its user is not the bucket.</summary>
    private static string? ReadSecret(HttpRequest request, string bucketId)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length is <= 6 or > LongestCredential || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[LongestCredential];
        var text = header.AsSpan(Scheme.Length).Trim();
        var length = Encoding.ASCII.GetBytes(text, bytes);
        if (Base64.DecodeFromUtf8InPlace(bytes[..length], out var decoded) != OperationStatus.Done)
        {
            return null;
        }

        var credential = bytes[..decoded];
        var colon = credential.IndexOf((byte)':');
        return colon >= 0 && Encoding.UTF8.GetString(credential[..colon]) == bucketId
            ? Encoding.UTF8.GetString(credential[(colon + 1)..])
            : null;
    }
}

/// <summary>An authenticated client: its bucket and key, or why it is not authenticated.</summary>
internal readonly record struct VaultVisitor(OpenBucket? Bucket, AccessKey? Key, CredentialOutcome Outcome)
{
    /// <summary>The response of the API to a client that is not authenticated.</summary>
    public ProblemHttpResult Refuse(HttpContext context)
    {
        if (Outcome == CredentialOutcome.Busy)
        {
            context.Response.Headers.RetryAfter = "5";
            return Problems.TooManyRequests("Too many keys are being checked at the moment. Try again in a few seconds.");
        }

        return Problems.Unauthorized("wrong_key", "The bucket id or its key is wrong, or the key was revoked or has expired.");
    }
}
