using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The store or the server that receives a bucket failed or refused.</summary>
/// <param name="message">The reason and the remedy, in a sentence for an administrator.</param>
/// <param name="code">Stable code.</param>
/// <param name="isTransient">True when a later retry may succeed without any change.</param>
/// <param name="cause">The underlying exception.</param>
internal sealed class TransferException(
    string message, string code, bool isTransient = false, Exception? cause = null) : Exception(message, cause)
{
    public const string CredentialRefused = "target_credential_refused";

    public string Code => code;

    public bool IsTransient => isTransient;

    public static TransferException Transient(string message, Exception? cause = null) =>
        new(message, "target_unreachable", isTransient: true, cause);

    /// <summary>
    /// Translates a fault of the target's store. A key that is no longer accepted has expired or was revoked: the next attempt gets a new
    /// one.
    /// </summary>
    public static TransferException Of(BlobStoreException failure) =>
        failure.IsTransient || failure.Fault == BlobStoreFault.Unauthorized ? Transient(failure.Message, failure)
        : new(failure.Message, failure.Fault == BlobStoreFault.Forbidden ? "target_refused" : "target_invalid", cause: failure);
}
