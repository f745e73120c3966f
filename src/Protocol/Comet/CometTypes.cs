using System.Text.Json.Serialization;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Comet;

/// <summary>
/// The vendor's documents that a client uses, with all types in them, for programs that are compiled ahead of time. The rules of
/// <see cref="CometJson"/> are added to it.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(UserProfileConfig))]
[JsonSerializable(typeof(ChangeLKey))]
[JsonSerializable(typeof(BackupJobDetail))]
[JsonSerializable(typeof(List<JobEntry>))]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(RunRuleArguments))]
[JsonSerializable(typeof(RunBackupArguments))]
[JsonSerializable(typeof(RunRestoreArguments))]
[JsonSerializable(typeof(CancelJobArguments))]
[JsonSerializable(typeof(VaultArguments))]
[JsonSerializable(typeof(UnlockArguments))]
[JsonSerializable(typeof(SnapshotsArguments))]
[JsonSerializable(typeof(ListStoredArguments))]
[JsonSerializable(typeof(SearchSnapshotsArguments))]
[JsonSerializable(typeof(BrowseArguments))]
[JsonSerializable(typeof(DestinationArguments))]
[JsonSerializable(typeof(TestShareArguments))]
[JsonSerializable(typeof(ImportArguments))]
[JsonSerializable(typeof(LoginAddressArguments))]
[JsonSerializable(typeof(LoginPasswordArguments))]
[JsonSerializable(typeof(UpdateSoftwareArguments))]
[JsonSerializable(typeof(UninstallArguments))]
[JsonSerializable(typeof(StartedJob))]
[JsonSerializable(typeof(List<VaultSnapshot>))]
[JsonSerializable(typeof(List<StoredObject>))]
[JsonSerializable(typeof(Dictionary<string, List<SearchResultFileInfo>>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class CometTypes : JsonSerializerContext;
