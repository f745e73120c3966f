using System.Text.Json;
using System.Text.Json.Serialization;

namespace Halley.Protocol.Client;

/// <summary>How the bodies of <see cref="HalleyClient"/> are written and read, for builds that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(StartSession))]
[JsonSerializable(typeof(SessionStarted))]
[JsonSerializable(typeof(PreLogin))]
[JsonSerializable(typeof(PreLoginAnswer))]
[JsonSerializable(typeof(AccountInfo))]
[JsonSerializable(typeof(CreateToken))]
[JsonSerializable(typeof(TokenCreated))]
[JsonSerializable(typeof(CreateBucket))]
[JsonSerializable(typeof(UpdateBucket))]
[JsonSerializable(typeof(BucketCreated))]
[JsonSerializable(typeof(Page<BucketInfo>))]
[JsonSerializable(typeof(CreateBucketKey))]
[JsonSerializable(typeof(BucketKeyCreated))]
[JsonSerializable(typeof(Page<BucketKeyInfo>))]
[JsonSerializable(typeof(SucceedBucketKey))]
[JsonSerializable(typeof(RetireBucketKey))]
[JsonSerializable(typeof(BucketKeyInfo))]
[JsonSerializable(typeof(Page<VaultTemplateInfo>))]
[JsonSerializable(typeof(RequestVault))]
[JsonSerializable(typeof(VaultRequested))]
[JsonSerializable(typeof(VerifyFiles))]
[JsonSerializable(typeof(FilesVerified))]
[JsonSerializable(typeof(LostFiles))]
[JsonSerializable(typeof(RereadFiles))]
[JsonSerializable(typeof(HealedFiles))]
[JsonSerializable(typeof(StartTransfer))]
[JsonSerializable(typeof(AddVolume))]
[JsonSerializable(typeof(UpdateVolume))]
[JsonSerializable(typeof(Page<VolumeInfo>))]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(MovePlan))]
[JsonSerializable(typeof(StartScrub))]
[JsonSerializable(typeof(UpdateTask))]
[JsonSerializable(typeof(TaskInfo))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>The part of a ProblemDetails that matters to a client.</summary>
internal sealed record ApiProblem(string? Code, string? Detail);
