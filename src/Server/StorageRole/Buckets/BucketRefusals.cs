using Halley.Server.Access;
using Halley.Storage;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Rules and refusals that several features of a bucket share.</summary>
internal static class BucketRefusals
{
    /// <summary>The rights that an administrator needs to change the protection or the limits of buckets.</summary>
    public const Requires FullAdministrator = Requires.TopLevel | Requires.EditServerSettings;

    public static Refusal NotFound { get; } = Refusal.NotFound("bucket_not_found", "There is no bucket with this id.");

    /// <summary>The refusal when the caller may not change the protection or the limits of buckets; otherwise null.</summary>
    public static Refusal? MayNotProtect(Caller caller) => caller.Lacks(FullAdministrator) is null
        ? null
        : Refusal.Forbidden(
            "full_administrator_required",
            "This needs an administrator of the top level who may change the server's settings.");

    /// <summary>The refusal for an operation that could not reach all files.</summary>
    public static Refusal Unavailable(BlobStoreException failure) => Refusal.Unavailable(
        StoreFaults.CodeOf(failure),
        failure.Fault switch
        {
            BlobStoreFault.Offline => $"{failure.Message} Try again when it is back.",
            BlobStoreFault.Exhausted => $"{failure.Message} Try again in a moment, and raise its limit of open files.",
            _ => $"{failure.Message} Nothing is lost; the server's log has the details.",
        });
}
