using System.Text.Json;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Live;

/// <summary>The JSON in which arguments of commands are written: names as in the records, and a field that a record must have may not be missing or null.</summary>
public static class LiveJson
{
    /// <summary>For <see cref="DeviceCommand.Arguments"/>.</summary>
    public static readonly JsonSerializerOptions Arguments = new(CometJson.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
}
