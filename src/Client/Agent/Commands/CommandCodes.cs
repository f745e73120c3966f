namespace Halley.Client.Agent.Commands;

/// <summary>Why a device did not carry out a command, as stable words.</summary>
internal static class CommandCodes
{
    /// <summary>This device cannot do it.</summary>
    public const string NotSupported = "not_supported";

    /// <summary>The arguments are not those of the kind.</summary>
    public const string InvalidArguments = "invalid_arguments";

    /// <summary>The user hides the names of files.</summary>
    public const string FilenamesNotAllowed = "filenames_not_allowed";

    /// <summary>The policy does not allow it.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>It arrived too late.</summary>
    public const string Expired = "expired";

    /// <summary>The agent stopped meanwhile.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>It was done, and the answer is not kept.</summary>
    public const string AnswerGone = "answer_gone";

    /// <summary>The disk with the state of the agent failed.</summary>
    public const string StateUnwritable = "state_unwritable";

    /// <summary>The settings of another program could not be imported.</summary>
    public const string ImportFailed = "import_failed";

    /// <summary>There is no update that may be installed.</summary>
    public const string UpdateRefused = "update_refused";

    /// <summary>The other server does not accept this device.</summary>
    public const string SignInFailed = "sign_in_failed";

    /// <summary>The agent has a mistake.</summary>
    public const string InternalError = "internal_error";
}
