using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Live;

/// <summary>Arguments of kinds that need none: <c>{}</c>.</summary>
public sealed record NoArguments;

/// <summary>Arguments of <see cref="CommandKinds.RunRule"/>.</summary>
/// <param name="Rule">Id of the backup rule in the profile.</param>
public sealed record RunRuleArguments(string Rule);

/// <summary>Arguments of <see cref="CommandKinds.RunBackup"/>.</summary>
/// <param name="Source">Id of the protected item.</param>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Options">The vendor's BackupJobAdvancedOptions; null for those of the profile.</param>
public sealed record RunBackupArguments(string Source, string Destination, BackupJobAdvancedOptions? Options = null);

/// <summary>Arguments of <see cref="CommandKinds.RunRestore"/>.</summary>
/// <param name="Source">Id of the protected item that was backed up.</param>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Options">The vendor's RestoreJobAdvancedOptions: where to and how.</param>
/// <param name="Snapshot">The snapshot; empty for the latest.</param>
/// <param name="Paths">What of it; null or empty for everything.</param>
/// <param name="KnownFiles">Files it will be, for the progress; null when that is not known.</param>
/// <param name="KnownBytes">Bytes it will be.</param>
/// <param name="KnownFolders">Folders it will be.</param>
public sealed record RunRestoreArguments(
    string Source, string Destination, RestoreJobAdvancedOptions Options, string Snapshot = "", IReadOnlyList<string>? Paths = null, long? KnownFiles = null,
    long? KnownBytes = null, long? KnownFolders = null);

/// <summary>Arguments of <see cref="CommandKinds.CancelJob"/>.</summary>
/// <param name="Job">The job.</param>
/// <param name="CancellationId">What the device itself gave with the job to cancel it by.</param>
public sealed record CancelJobArguments(string Job, string CancellationId);

/// <summary>Arguments of kinds about a whole vault.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
public sealed record VaultArguments(string Destination);

/// <summary>Arguments of <see cref="CommandKinds.UnlockVault"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="AllowUnsafe">True: also locks that somebody may still hold.</param>
public sealed record UnlockArguments(string Destination, bool AllowUnsafe = false);

/// <summary>Arguments of <see cref="CommandKinds.DeleteSnapshots"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshots">The snapshots, at least one.</param>
public sealed record SnapshotsArguments(string Destination, IReadOnlyList<string> Snapshots);

/// <summary>Arguments of <see cref="CommandKinds.ListStored"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Tree">The <c>subtree</c> of the folder's StoredObject; empty for the top.</param>
public sealed record ListStoredArguments(string Destination, string Snapshot, string Tree = "");

/// <summary>Arguments of <see cref="CommandKinds.SearchSnapshots"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshots">The snapshots, at least one.</param>
/// <param name="Filter">What to look for.</param>
public sealed record SearchSnapshotsArguments(string Destination, IReadOnlyList<string> Snapshots, SearchClause Filter);

/// <summary>Arguments of <see cref="CommandKinds.BrowseFiles"/>.</summary>
/// <param name="Path">The folder as the device writes it; empty for the roots.</param>
public sealed record BrowseArguments(string Path = "");

/// <summary>Arguments of <see cref="CommandKinds.PingDestination"/>.</summary>
/// <param name="Location">The vendor's DestinationLocation.</param>
public sealed record DestinationArguments(DestinationLocation Location);

/// <summary>Arguments of <see cref="CommandKinds.TestShare"/>.</summary>
/// <param name="Share">The vendor's WinSMBAuth.</param>
public sealed record TestShareArguments(WinSMBAuth Share);

/// <summary>Arguments of <see cref="CommandKinds.ApplyImport"/>.</summary>
/// <param name="Source">The id that <see cref="CommandKinds.ListImportSources"/> gave.</param>
public sealed record ImportArguments(string Source);

/// <summary>Arguments of <see cref="CommandKinds.UpdateLoginAddress"/>.</summary>
/// <param name="Address">Address of the other server.</param>
/// <param name="Force">True: also when the device cannot sign in there.</param>
public sealed record LoginAddressArguments(string Address, bool Force = false);

/// <summary>Arguments of <see cref="CommandKinds.UpdateLoginPassword"/>.</summary>
/// <param name="Password">The password.</param>
public sealed record LoginPasswordArguments(string Password);

/// <summary>Arguments of <see cref="CommandKinds.UpdateSoftware"/>.</summary>
/// <param name="Address">Address of this server as the device should use it; empty for the one it uses.</param>
public sealed record UpdateSoftwareArguments(string Address = "");

/// <summary>Arguments of <see cref="CommandKinds.UninstallSoftware"/>.</summary>
/// <param name="RemoveSettings">True: the settings on the device go, too.</param>
public sealed record UninstallArguments(bool RemoveSettings);

/// <summary>The answer of kinds that start a job.</summary>
/// <param name="Job">The job, which reports for itself from now on; empty when the device gave none.</param>
public sealed record StartedJob(string Job = "");
