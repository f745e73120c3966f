namespace Halley.Protocol.Live;

/// <summary>Every kind of command a device can carry out. Server, pages and agent read the kinds from here.</summary>
public static class CommandCatalog
{
    // A device may first have to load the index of a vault.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, CommandKind> ByName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs a backup rule of the profile.</summary>
    public static readonly CommandKind<RunRuleArguments, StartedJob> RunRule =
        Ask<RunRuleArguments, StartedJob>("run-rule", "Run backup rule");

    /// <summary>Backs up a protected item to a vault.</summary>
    public static readonly CommandKind<RunBackupArguments, StartedJob> RunBackup =
        Ask<RunBackupArguments, StartedJob>("run-backup", "Back up to");

    /// <summary>Restores files of a snapshot.</summary>
    public static readonly CommandKind<RunRestoreArguments, StartedJob> RunRestore =
        Ask<RunRestoreArguments, StartedJob>("run-restore", "Restore from");

    /// <summary>Stops a running job.</summary>
    public static readonly CommandKind<CancelJobArguments> CancelJob = Do<CancelJobArguments>("cancel-job", "Cancel job");

    /// <summary>Applies the retention rules of a vault.</summary>
    public static readonly CommandKind<VaultArguments> ApplyRetention = Do<VaultArguments>("apply-retention", "Apply retention");

    /// <summary>Rebuilds the index of a vault.</summary>
    public static readonly CommandKind<VaultArguments> ReindexVault = Do<VaultArguments>("reindex-vault", "Rebuild index");

    /// <summary>Reads and verifies all data of a vault.</summary>
    public static readonly CommandKind<VaultArguments> VerifyVault = Do<VaultArguments>("verify-vault", "Verify vault");

    /// <summary>Stores lost data of a vault again, from the files of the device.</summary>
    public static readonly CommandKind<VaultArguments> HealVault = Do<VaultArguments>("heal-vault", "Heal vault");

    /// <summary>Removes stale locks of a vault.</summary>
    public static readonly CommandKind<UnlockArguments> UnlockVault = Do<UnlockArguments>("unlock-vault", "Unlock vault");

    /// <summary>Deletes snapshots.</summary>
    public static readonly CommandKind<SnapshotsArguments> DeleteSnapshots = Do<SnapshotsArguments>("delete-snapshots", "Delete snapshots");

    /// <summary>Lists the snapshots of a vault.</summary>
    public static readonly CommandKind<VaultArguments, List<VaultSnapshot>> ListSnapshots =
        Ask<VaultArguments, List<VaultSnapshot>>("list-snapshots", "List snapshots", Long);

    /// <summary>Lists one folder of a snapshot.</summary>
    public static readonly CommandKind<ListStoredArguments, List<StoredObject>> ListStored =
        Ask<ListStoredArguments, List<StoredObject>>("list-stored", "List stored files", Long, showsFileNames: true);

    /// <summary>Searches snapshots for files; the answer has the files found by snapshot id.</summary>
    public static readonly CommandKind<SearchSnapshotsArguments, Dictionary<string, List<SearchResultFileInfo>>> SearchSnapshots =
        Ask<SearchSnapshotsArguments, Dictionary<string, List<SearchResultFileInfo>>>(
            "search-snapshots", "Search snapshots", Long, showsFileNames: true);

    /// <summary>Lists one folder of the device.</summary>
    public static readonly CommandKind<BrowseArguments, List<StoredObject>> BrowseFiles =
        Ask<BrowseArguments, List<StoredObject>>("browse-files", "Browse files", showsFileNames: true);

    /// <summary>Fetches the profile again.</summary>
    public static readonly CommandKind<NoArguments> RefetchProfile = Do<NoArguments>("refetch-profile", "Refetch profile");

    /// <summary>Tests whether the device can use a destination.</summary>
    public static readonly CommandKind<DestinationArguments> PingDestination =
        Do<DestinationArguments>("ping-destination", "Test destination");

    /// <summary>Tests whether the device can sign in to a network share.</summary>
    public static readonly CommandKind<TestShareArguments> TestShare = Do<TestShareArguments>("test-share", "Test network share");

    /// <summary>Lists other backup programs whose settings can be imported; the answer has their names by id.</summary>
    public static readonly CommandKind<NoArguments, Dictionary<string, string>> ListImportSources =
        Ask<NoArguments, Dictionary<string, string>>("list-import-sources", "List settings to import");

    /// <summary>Imports settings.</summary>
    public static readonly CommandKind<ImportArguments> ApplyImport = Do<ImportArguments>("apply-import", "Import settings");

    /// <summary>Makes the device use another server from now on.</summary>
    public static readonly CommandKind<LoginAddressArguments> UpdateLoginAddress =
        Do<LoginAddressArguments>("update-login-address", "Change server");

    /// <summary>Makes the device sign in with another password from now on.</summary>
    public static readonly CommandKind<LoginPasswordArguments> UpdateLoginPassword =
        Do<LoginPasswordArguments>("update-login-password", "Change password");

    /// <summary>Asks the user to sign in again.</summary>
    public static readonly CommandKind<NoArguments> ForceLogin = Do<NoArguments>("force-login", "Ask the user to sign in");

    /// <summary>Installs the version of the client that the server offers.</summary>
    public static readonly CommandKind<UpdateSoftwareArguments> UpdateSoftware =
        Do<UpdateSoftwareArguments>("update-software", "Update software");

    /// <summary>Removes the client from the device.</summary>
    public static readonly CommandKind<UninstallArguments> UninstallSoftware =
        Do<UninstallArguments>("uninstall-software", "Uninstall software");

    /// <summary>The names of all kinds.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>The kind with this name, in any case, or null when there is none.</summary>
    public static CommandKind? Find(string name) => ByName.GetValueOrDefault(name);

    private static CommandKind<TArguments> Do<TArguments>(string name, string title)
        where TArguments : class => Add(new CommandKind<TArguments>(name, title, patience: null, showsFileNames: false));

    private static CommandKind<TArguments, TAnswer> Ask<TArguments, TAnswer>(
        string name, string title, TimeSpan? patience = null, bool showsFileNames = false)
        where TArguments : class
        where TAnswer : class => Add(new CommandKind<TArguments, TAnswer>(name, title, patience, showsFileNames));

    private static TKind Add<TKind>(TKind kind)
        where TKind : CommandKind
    {
        ByName.Add(kind.Name, kind);
        return kind;
    }
}
