namespace Halley.Client.Agent.Running;

/// <summary>Something was not begun. The message says why and what to do.</summary>
/// <param name="code">A stable word for programs, such as <c>unknown_vault</c>.</param>
/// <param name="message">The same for people.</param>
public sealed class RunnerException(string code, string message) : Exception(message)
{
    /// <summary>The profile has no such protected item.</summary>
    public const string UnknownItem = "unknown_item";

    /// <summary>The profile has no such vault.</summary>
    public const string UnknownVault = "unknown_vault";

    /// <summary>The profile has no such backup rule.</summary>
    public const string UnknownRule = "unknown_rule";

    /// <summary>The vault has no such snapshot, or the snapshot no such folder.</summary>
    public const string UnknownSnapshot = "unknown_snapshot";

    /// <summary>No such job runs on this device.</summary>
    public const string UnknownJob = "unknown_job";

    /// <summary>The protected item belongs to another device.</summary>
    public const string OtherDevice = "other_device";

    /// <summary>The user hides the names of files.</summary>
    public const string FilenamesNotAllowed = "filenames_not_allowed";

    /// <summary>The policy does not allow it.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>This device cannot do it.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>The arguments make no sense.</summary>
    public const string InvalidArguments = "invalid_arguments";

    /// <summary>The vault cannot be opened or read.</summary>
    public const string VaultUnavailable = "vault_unavailable";

    /// <summary>A folder of the device cannot be read.</summary>
    public const string FolderUnreadable = "folder_unreadable";

    /// <summary>There is more than fits into an answer.</summary>
    public const string AnswerTooLarge = "answer_too_large";

    /// <summary>Why, as a stable word.</summary>
    public string Code => code;
}
