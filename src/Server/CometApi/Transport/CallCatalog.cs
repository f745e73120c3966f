using System.Text;

namespace Halley.Server.CometApi.Transport;

/// <summary>A form field of a call: <paramref name="Encoding"/> is <c>string</c>, <c>int</c>, <c>bool</c> or <c>json:TYPE</c>.</summary>
internal sealed record CallParameter(string Name, string Encoding, bool IsRequired);

/// <summary>What a call takes and answers; the answer is named as the vendor names types, <c>raw bytes</c> when it is no JSON.</summary>
internal sealed record CallDescription(string Name, IReadOnlyList<CallParameter> Parameters, string Answer);

/// <summary>The calls of the vendor's API as calls.txt lists them, for the API document.</summary>
internal static class CallCatalog
{
    public static IReadOnlyDictionary<string, CallDescription> Read()
    {
        using var stream = typeof(CallCatalog).Assembly.GetManifestResourceStream("calls.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(Parse)
            .ToDictionary(call => call.Name, StringComparer.Ordinal);
    }

    private static CallDescription Parse(string line)
    {
        var parts = line.Split('|', StringSplitOptions.TrimEntries);
        return new CallDescription(parts[0], [.. parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseParameter)], parts[2]);
    }

    private static CallParameter ParseParameter(string text)
    {
        var words = text.Split(' ');
        return new CallParameter(words[0].TrimEnd('?'), words.ElementAtOrDefault(1) ?? "string", !words[0].EndsWith('?'));
    }
}
