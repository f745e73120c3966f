using System.Text.Encodings.Web;
using System.Text.Json;

namespace Halley.Server.CometApi;

/// <summary>The vendor's JSON: field names as written, nothing left out.</summary>
internal static class CometJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = null,
        PropertyNameCaseInsensitive = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
