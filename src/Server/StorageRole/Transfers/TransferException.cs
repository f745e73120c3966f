using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The store or the server that a bucket is transferred to did not do what it was asked.</summary>
/// <param name="message">Why, in a sentence for an administrator, with what to do.</param>
/// <param name="code">Stable code.</param>
/// <param name="isTransient">True when trying again later may help by itself.</param>
/// <param name="cause">What happened underneath.</param>
internal sealed class TransferException(
    string message, string code, bool isTransient = false, Exception? cause = null) : Exception(message, cause)
{
    public const string CredentialRefused = "target_credential_refused";

    public string Code => code;

    public bool IsTransient => isTransient;

    public static TransferException Transient(string message, Exception? cause = null) =>
        new(message, "target_unreachable", isTransient: true, cause);

    /// <summary>
    /// What a fault of the target's store means. A key that is not accepted any more has expired or was revoked: the next attempt gets a
    /// new one.
    /// </summary>
    public static TransferException Of(BlobStoreException failure) =>
        failure.IsTransient || failure.Fault == BlobStoreFault.Unauthorized ? Transient(failure.Message, failure)
        : new(failure.Message, failure.Fault == BlobStoreFault.Forbidden ? "target_refused" : "target_invalid", cause: failure);
}
