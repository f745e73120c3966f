using System.Globalization;

namespace Halley.Client.Agent.Jobs;

/// <summary>The name of a job's files: its number on this machine, and its id.</summary>
internal sealed record JobName(long Number, Guid Id)
{
    private const int Digits = 10;

    public static JobName? Parse(string text) =>
        text.Length > Digits && text[Digits] == '-'
        && long.TryParse(text.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Guid.TryParseExact(text.AsSpan(Digits + 1), "D", out var id)
            ? new JobName(number, id)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number:D10}-{Id:D}");
}
