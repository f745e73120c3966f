using System.CommandLine;
using System.Globalization;
using Halley.Client.Retention;

namespace Halley.Cli.Settings;

/// <summary>The options that say which snapshots stay.</summary>
internal sealed class KeepOptions
{
    private static readonly (KeepPeriod Period, string Word)[] Periods =
    [
        (KeepPeriod.Hour, "hourly"), (KeepPeriod.Day, "daily"), (KeepPeriod.Week, "weekly"), (KeepPeriod.Month, "monthly"),
        (KeepPeriod.Year, "yearly"),
    ];

    private readonly Option<string?> _last = new("--keep-last", "-l")
    {
        Description = "Keep the newest N; unlimited for all",
        HelpName = "N",
    };

    private readonly IReadOnlyList<(KeepPeriod Period, Option<string?> Option)> _periodic =
    [
        .. Periods.Select(period => (period.Period, new Option<string?>($"--keep-{period.Word}", $"-{InitialOf(period.Word)}")
        {
            Description = $"Keep the last N {period.Word} snapshots; unlimited for all",
            HelpName = "N",
        })),
    ];

    private readonly Option<string?> _within = new("--keep-within")
    {
        Description = "Keep what is not older than the newest one by more than this, such as 1y6m7d12h",
        HelpName = "DURATION",
    };

    private readonly IReadOnlyList<(KeepPeriod Period, Option<string?> Option)> _periodicWithin =
    [
        .. Periods.Select(period => (period.Period, new Option<string?>($"--keep-within-{period.Word}")
        {
            Description = $"Keep {period.Word} snapshots that are not older than the newest one by more than this",
            HelpName = "DURATION",
        })),
    ];

    private readonly Option<string[]> _tags = new("--keep-tag")
    {
        Description = "Keep snapshots with all of these tags; can be given several times",
        HelpName = "TAG,TAG",
    };

    public void AddTo(Verb verb)
    {
        verb.Add(_last);
        foreach (var (_, option) in _periodic)
        {
            verb.Add(option);
        }

        verb.Add(_within);
        foreach (var (_, option) in _periodicWithin)
        {
            verb.Add(option);
        }

        verb.Add(_tags);
    }

    public IReadOnlyList<KeepRule> RulesOf(VerbContext context)
    {
        var rules = new List<KeepRule>();
        if (context.Get(_last) is { } last)
        {
            rules.Add(new KeepLast(CountOf(_last, last)));
        }

        rules.AddRange(_periodic.Where(entry => context.Get(entry.Option) is not null)
            .Select(entry => new KeepPeriodic(entry.Period, CountOf(entry.Option, context.Get(entry.Option)!))));
        if (context.Get(_within) is { } within)
        {
            rules.Add(new KeepWithin(DurationOf(_within, within)));
        }

        rules.AddRange(_periodicWithin.Where(entry => context.Get(entry.Option) is not null)
            .Select(entry => new KeepPeriodicWithin(entry.Period, DurationOf(entry.Option, context.Get(entry.Option)!))));
        rules.AddRange((context.Get(_tags) ?? []).Select(text => new KeepTagged(text.Length == 0 ? [""] : TagList.Parse(text))));
        return rules;
    }

    private static char InitialOf(string word) => word == "hourly" ? 'H' : word[0];

    private static long CountOf(Option option, string text) =>
        text is "unlimited" or "-1" ? -1
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : throw new CommandException($"{option.Name} needs a number or unlimited, not '{text}'.");

    private static KeepDuration DurationOf(Option option, string text) => KeepDuration.TryParse(text, out var duration)
        ? duration
        : throw new CommandException($"{option.Name} needs a duration like 1y6m7d12h, not '{text}'.");
}
