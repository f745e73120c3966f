using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Live;

/// <summary>Arguments of kinds that need none: <c>{}</c>.</summary>
public sealed record NoArguments;

/// <summary>Arguments of <see cref="CommandCatalog.RunRule"/>.</summary>
/// <param name="Rule">Id of the backup rule in the profile.</param>
public sealed record RunRuleArguments(string Rule);

/// <summary>Arguments of <see cref="CommandCatalog.RunBackup"/>.</summary>
/// <param name="Source">Id of the protected item.</param>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Options">The vendor's BackupJobAdvancedOptions; null for those of the profile.</param>
public sealed record RunBackupArguments(string Source, string Destination, BackupJobAdvancedOptions? Options = null);

/// <summary>Arguments of <see cref="CommandCatalog.RunRestore"/>.</summary>
/// <param name="Source">Id of the protected item that was backed up.</param>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Options">The vendor's RestoreJobAdvancedOptions: the target and how to write to it.</param>
/// <param name="Snapshot">The snapshot; empty for the latest.</param>
/// <param name="Paths">The paths to restore; null or empty for all.</param>
/// <param name="KnownFiles">Number of files, for the progress; null when it is not known.</param>
/// <param name="KnownBytes">Number of bytes; null when it is not known.</param>
/// <param name="KnownFolders">Number of folders; null when it is not known.</param>
public sealed record RunRestoreArguments(
    string Source, string Destination, RestoreJobAdvancedOptions Options, string Snapshot = "", IReadOnlyList<string>? Paths = null,
    long? KnownFiles = null, long? KnownBytes = null, long? KnownFolders = null);

/// <summary>Arguments of <see cref="CommandCatalog.CancelJob"/>.</summary>
/// <param name="Job">The job.</param>
/// <param name="CancellationId">The cancellation id that the device reported with the job.</param>
public sealed record CancelJobArguments(string Job, string CancellationId);

/// <summary>Arguments of kinds about a whole vault.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
public sealed record VaultArguments(string Destination);

/// <summary>Arguments of <see cref="CommandCatalog.UnlockVault"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="AllowUnsafe">True removes locks that a device may still hold, too.</param>
public sealed record UnlockArguments(string Destination, bool AllowUnsafe = false);

/// <summary>Arguments of <see cref="CommandCatalog.DeleteSnapshots"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshots">The snapshots, at least one.</param>
public sealed record SnapshotsArguments(string Destination, IReadOnlyList<string> Snapshots);

/// <summary>Arguments of <see cref="CommandCatalog.ListStored"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Tree">The <c>subtree</c> of the folder's StoredObject; empty for the top.</param>
public sealed record ListStoredArguments(string Destination, string Snapshot, string Tree = "");

/// <summary>Arguments of <see cref="CommandCatalog.SearchSnapshots"/>.</summary>
/// <param name="Destination">Id of the vault in the profile.</param>
/// <param name="Snapshots">The snapshots, at least one.</param>
/// <param name="Filter">The files to find.</param>
public sealed record SearchSnapshotsArguments(string Destination, IReadOnlyList<string> Snapshots, SearchClause Filter);

/// <summary>Arguments of <see cref="CommandCatalog.BrowseFiles"/>.</summary>
/// <param name="Path">The folder in the notation of the device; empty for the roots.</param>
public sealed record BrowseArguments(string Path = "");

/// <summary>Arguments of <see cref="CommandCatalog.PingDestination"/>.</summary>
/// <param name="Location">The vendor's DestinationLocation.</param>
public sealed record DestinationArguments(DestinationLocation Location);

/// <summary>Arguments of <see cref="CommandCatalog.TestShare"/>.</summary>
/// <param name="Share">The vendor's WinSMBAuth.</param>
public sealed record TestShareArguments(WinSMBAuth Share);

/// <summary>Arguments of <see cref="CommandCatalog.ApplyImport"/>.</summary>
/// <param name="Source">An id from the answer to <see cref="CommandCatalog.ListImportSources"/>.</param>
public sealed record ImportArguments(string Source);

/// <summary>Arguments of <see cref="CommandCatalog.UpdateLoginAddress"/>.</summary>
/// <param name="Address">Address of the other server.</param>
/// <param name="Force">
/// The vendor's request to change the address even when the device cannot sign in there. Halley's client ignores it.
/// </param>
public sealed record LoginAddressArguments(string Address, bool Force = false);

/// <summary>Arguments of <see cref="CommandCatalog.UpdateLoginPassword"/>.</summary>
/// <param name="Password">The password.</param>
public sealed record LoginPasswordArguments(string Password);

/// <summary>Arguments of <see cref="CommandCatalog.UpdateSoftware"/>.</summary>
/// <param name="Address">Address of this server for the device; empty for the one it already uses.</param>
public sealed record UpdateSoftwareArguments(string Address = "");

/// <summary>Arguments of <see cref="CommandCatalog.UninstallSoftware"/>.</summary>
/// <param name="RemoveSettings">True removes the settings on the device, too.</param>
public sealed record UninstallArguments(bool RemoveSettings);

/// <summary>The answer of kinds that start a job.</summary>
/// <param name="Job">Id of the job, which the device reports from now on; empty when the device sent none.</param>
public sealed record StartedJob(string Job = "");
