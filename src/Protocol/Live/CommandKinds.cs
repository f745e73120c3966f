namespace Halley.Protocol.Live;

/// <summary>What devices can be told to do. Each kind says which record its arguments are, and which its answer is.</summary>
public static class CommandKinds
{
    /// <summary><see cref="RunRuleArguments"/> → <see cref="StartedJob"/>: runs a backup rule of the profile.</summary>
    public const string RunRule = "run-rule";

    /// <summary><see cref="RunBackupArguments"/> → <see cref="StartedJob"/>: backs a protected item up to a vault.</summary>
    public const string RunBackup = "run-backup";

    /// <summary><see cref="RunRestoreArguments"/> → <see cref="StartedJob"/>: restores files of a snapshot.</summary>
    public const string RunRestore = "run-restore";

    /// <summary><see cref="CancelJobArguments"/>: stops a job that runs.</summary>
    public const string CancelJob = "cancel-job";

    /// <summary><see cref="VaultArguments"/>: applies the retention rules of a vault.</summary>
    public const string ApplyRetention = "apply-retention";

    /// <summary><see cref="VaultArguments"/>: rebuilds the index of a vault.</summary>
    public const string ReindexVault = "reindex-vault";

    /// <summary><see cref="VaultArguments"/>: reads a vault and compares all of it.</summary>
    public const string VerifyVault = "verify-vault";

    /// <summary><see cref="UnlockArguments"/>: removes locks of a vault that nobody holds any more.</summary>
    public const string UnlockVault = "unlock-vault";

    /// <summary><see cref="SnapshotsArguments"/>: deletes snapshots.</summary>
    public const string DeleteSnapshots = "delete-snapshots";

    /// <summary><see cref="VaultArguments"/> → an array of the vendor's VaultSnapshot.</summary>
    public const string ListSnapshots = "list-snapshots";

    /// <summary><see cref="ListStoredArguments"/> → an array of the vendor's StoredObject: one folder of a snapshot. Needs file names to be allowed.</summary>
    public const string ListStored = "list-stored";

    /// <summary><see cref="SearchSnapshotsArguments"/> → an object of snapshot ids with arrays of the vendor's SearchResultFileInfo. Needs file names to be allowed.</summary>
    public const string SearchSnapshots = "search-snapshots";

    /// <summary><see cref="BrowseArguments"/> → an array of the vendor's StoredObject: one folder of the device. Needs file names to be allowed.</summary>
    public const string BrowseFiles = "browse-files";

    /// <summary><see cref="NoArguments"/>: fetches the profile anew.</summary>
    public const string RefetchProfile = "refetch-profile";

    /// <summary><see cref="DestinationArguments"/>: tries whether the device can use a destination.</summary>
    public const string PingDestination = "ping-destination";

    /// <summary><see cref="TestShareArguments"/>: tries whether the device can sign in to a network share.</summary>
    public const string TestShare = "test-share";

    /// <summary><see cref="NoArguments"/> → an object of ids with names: other backup programs whose settings could be imported.</summary>
    public const string ListImportSources = "list-import-sources";

    /// <summary><see cref="ImportArguments"/>: imports settings.</summary>
    public const string ApplyImport = "apply-import";

    /// <summary><see cref="LoginAddressArguments"/>: uses another server from now on.</summary>
    public const string UpdateLoginAddress = "update-login-address";

    /// <summary><see cref="LoginPasswordArguments"/>: signs in with another password from now on.</summary>
    public const string UpdateLoginPassword = "update-login-password";

    /// <summary><see cref="NoArguments"/>: asks the user to sign in anew.</summary>
    public const string ForceLogin = "force-login";

    /// <summary><see cref="UpdateSoftwareArguments"/>: installs the version of the client that the server offers.</summary>
    public const string UpdateSoftware = "update-software";

    /// <summary><see cref="UninstallArguments"/>: removes the client from the device.</summary>
    public const string UninstallSoftware = "uninstall-software";
}
