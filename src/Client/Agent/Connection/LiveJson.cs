using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Protocol.Live;

namespace Halley.Client.Agent.Connection;

/// <summary>The messages of the live connection, for programs that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(LiveHello))]
[JsonSerializable(typeof(LiveWelcome))]
[JsonSerializable(typeof(LiveHeartbeat))]
[JsonSerializable(typeof(LiveHeartbeatAnswer))]
[JsonSerializable(typeof(LiveAck))]
[JsonSerializable(typeof(CommandReport))]
[JsonSerializable(typeof(DeviceCommand))]
[JsonSerializable(typeof(LeaveOrder))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string))]
internal sealed partial class LiveJson : JsonSerializerContext;
