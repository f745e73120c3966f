namespace Halley.Benchmarks.Reporting;

/// <summary>A bound on a figure itself or on its ratio to a peer's.</summary>
internal readonly record struct Bound(double Value, bool IsUpper)
{
    public bool IsKeptBy(double measured) => IsUpper ? measured <= Value : measured >= Value;

    public override string ToString() => FormattableString.Invariant($"{(IsUpper ? "≤" : "≥")} {Value:#,0.##}");
}

/// <summary>What this server is to reach, with full durability and hashing, in one run with its peers.</summary>
internal sealed record Targets(string Figure, Bound? AgainstNginx = null, Bound? AgainstRclone = null, Bound? Itself = null)
{
    private static readonly Targets[] All =
    [
        new("PUT 16 MiB", AtLeast(0.55), AtLeast(0.6)),
        new("PUT 64 KiB", AtLeast(0.33), AtLeast(0.85)),
        new("PUT 1 KiB", AtLeast(0.32), AtLeast(1.7)),
        new("GET 16 MiB", AtLeast(0.75), AtLeast(1.4)),
        new("GET 64 KiB", AtLeast(0.57), AtLeast(5)),
        new("GET 1 KiB", AtLeast(0.7), AtLeast(12)),
        new("HEAD 1 KiB", AtLeast(1.2), AtLeast(9)),
        new("LIST first byte", Itself: AtMost(50)),
        new("LIST 100 000", Itself: AtLeast(300_000)),
        new("CPU PUT 16 MiB", AtMost(3)),
        new("CPU GET 16 MiB", AtMost(2)),
        new("peak RSS", Itself: AtMost(250)),
    ];

    public static Targets Of(string figure) => All.FirstOrDefault(targets => targets.Figure == figure) ?? new Targets(figure);

    private static Bound AtLeast(double value) => new(value, IsUpper: false);

    private static Bound AtMost(double value) => new(value, IsUpper: true);
}
