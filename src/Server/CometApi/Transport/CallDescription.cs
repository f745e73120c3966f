namespace Halley.Server.CometApi.Transport;

/// <summary>Metadata of a call for the API document and for tests.</summary>
/// <param name="Name">The path below <c>/api/v1</c>.</param>
/// <param name="Fields">The form fields, without credentials.</param>
/// <param name="Answer">The type of the content when the call succeeds; <see cref="CometRaw"/> when it is not JSON.</param>
internal sealed record CallDescription(string Name, IReadOnlyList<CometField> Fields, Type Answer)
{
    public bool IsRaw => Answer == typeof(CometRaw);
}

/// <summary>A form field of a call.</summary>
/// <param name="Name">The name, case-sensitive.</param>
/// <param name="Encoding"><c>string</c>, <c>int</c>, <c>bool</c>, <c>multipart-file</c>, or <c>json:TYPE</c> with a type as the vendor
/// writes it.</param>
/// <param name="IsRequired">False when the field may be left out.</param>
internal sealed record CometField(string Name, string Encoding, bool IsRequired)
{
    /// <summary>
    /// Reads <c>"PolicyID, IsForced? bool, Policy json:GroupPolicy"</c>: without an encoding a field is text, with ? it is optional.
    /// </summary>
    public static IReadOnlyList<CometField> Parse(string fields) =>
        [.. fields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];

    private static CometField ParseOne(string text)
    {
        var words = text.Split(' ');
        return new CometField(words[0].TrimEnd('?'), words.ElementAtOrDefault(1) ?? "string", !words[0].EndsWith('?'));
    }
}
