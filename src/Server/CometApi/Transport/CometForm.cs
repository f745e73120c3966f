using System.Globalization;
using System.Text;
using System.Text.Json;
using Halley.Protocol.Comet;
using Microsoft.AspNetCore.WebUtilities;

namespace Halley.Server.CometApi.Transport;

/// <summary>
/// The fields of a call. Names are case-sensitive. An empty field counts as absent. Objects travel as JSON text in one field. The
/// framework's form is unfit, because it does not distinguish "username" from "Username".
/// </summary>
internal sealed class CometForm
{
    private const int MostFields = 1000;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);

    public static CometForm Empty { get; } = new();

    /// <summary>Fields that came in another way than as a form.</summary>
    public static CometForm Of(params IEnumerable<KeyValuePair<string, string>> fields)
    {
        var form = new CometForm();
        foreach (var (name, value) in fields)
        {
            form._fields[name] = value;
        }

        return form;
    }

    /// <summary>Reads the body of a POST; null when it is not a form in UTF-8, has a field twice or too many of them.</summary>
    public static async Task<CometForm?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = request.ContentType;
        if (type is null || !type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            // Multipart calls carry credentials in headers and are read by those few endpoints that take a file.
            return type is null || type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) ? Empty : null;
        }

        using var reader = new StreamReader(request.Body, StrictUtf8);
        var form = new CometForm();
        try
        {
            foreach (var pair in new QueryStringEnumerable(await reader.ReadToEndAsync(cancellationToken)))
            {
                // A repeated name is refused, because it is ambiguous which of the two counts.
                if (!form._fields.TryAdd(pair.DecodeName().ToString(), pair.DecodeValue().ToString()) || form._fields.Count > MostFields)
                {
                    return null;
                }
            }
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        // No database stores this character in a text, and no client means it.
        return form._fields.Values.Any(value => value.Contains('\0', StringComparison.Ordinal)) ? null : form;
    }

    /// <summary>Where the JSON in a field was found to be wrong, such as <c>$.Devices.tower.RegistrationTime</c>, by field.</summary>
    public IReadOnlyDictionary<string, string> Faults => _faults;

    /// <summary>A field's text; empty when it is absent.</summary>
    public string Text(string name) => _fields.GetValueOrDefault(name, "");

    /// <summary>
    /// A truth value in any form that clients send, Python's <c>True</c> among them; returns false when its text is not one.
    /// </summary>
    public bool TryBoolean(string name, bool absent, out bool value)
    {
        var text = Text(name);
        value = text is "true" or "True" or "1" || (text.Length == 0 && absent);
        return value || text is "false" or "False" or "0" or "";
    }

    public bool TryInteger(string name, long absent, out long value)
    {
        value = absent;
        return Text(name) is "" || long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// An object sent as JSON; null and true when it is absent or null, false when it is not JSON of that shape. A null is an empty list or
    /// map.
    /// </summary>
    public bool TryJson<T>(string name, out T? value)
        where T : class
    {
        value = null;
        var text = Text(name);
        if (text.Length == 0)
        {
            return true;
        }

        try
        {
            value = CometJson.Read<T>(text);
            return true;
        }
        catch (JsonException fault)
        {
            _faults[name] = fault.Path ?? "$";
            return false;
        }
    }
}
