using System.Buffers;
using System.Globalization;

namespace Halley.Cli.Settings;

/// <summary>Sizes and times as people write them on a command line.</summary>
internal static class Quantity
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Bytes: <c>100</c>, <c>64K</c>, <c>1.5G</c>, by powers of 1024.</summary>
    public static long ParseBytes(string text)
    {
        var number = text.TrimEnd('b', 'B', 'i');
        var power = number.Length == 0 ? -1 : "KMGTP".IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal);
        number = power < 0 ? number : number[..^1];
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value * Math.Pow(1024, power + 1) < long.MaxValue
            ? (long)(value * Math.Pow(1024, power + 1))
            : throw new CommandException($"'{text}' is not a size. Write it like 500K, 10M or 1.5G.");
    }

    /// <summary>A duration: <c>90s</c>, <c>5m</c>, <c>1h30m</c>.</summary>
    public static TimeSpan ParseDuration(string text)
    {
        var total = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0
                || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                || UnitOf(rest[digits]) is not { } unit)
            {
                throw new CommandException($"'{text}' is not a duration. Write it like 90s, 5m or 1h30m.");
            }

            total += unit * value;
            rest = rest[(digits + 1)..];
        }

        return total;
    }

    private static TimeSpan? UnitOf(char unit) => unit switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
