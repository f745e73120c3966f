using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Checking;
using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Cli.Verbs;

/// <summary><c>halley check</c></summary>
internal static class CheckVerb
{
    private static readonly Option<bool> ReadData = new("--read-data") { Description = "Read every pack and verify every byte" };

    private static readonly Option<string?> Subset = new("--read-data-subset")
    {
        Description = "Read a part of the packs: 1/7 today, 2/7 tomorrow; or some at random: 5%, 500M",
        HelpName = "PART",
    };

    private static readonly Option<bool> OnServer = new("--on-server")
    {
        Description = "Let the Halley server of the bucket read these packs (default: all), so that nothing is downloaded",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "check", "Check that a vault is whole: index, snapshots, directories and packs.",
            "halley check", "halley check --read-data", "halley check --read-data-subset 1/7", "halley check --read-data-subset 5%",
            "halley check --on-server")
        {
            ReadData, Subset, OnServer,
        };
        verb.OnVault(VaultUse.ReadAlone, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        using var http = context.Get(OnServer) ? VaultAccess.NewHttp() : null;
        var server = http is null ? null : ServerCheck.Of(context.Place!, http, context.Time)
            ?? throw new CommandException(
                "--on-server needs a bucket of a Halley server. Use --read-data, which downloads the packs.");
        var progress = new Progress(context.Terminal, context.Time);
        var findings = new List<VaultFinding>();
        var options = new CheckOptions
        {
            ReadData = SubsetOf(context),
            Server = server,
            OnFinding = finding =>
            {
                findings.Add(finding);
                Report(context, finding);
            },
            OnPackRead = progress.ShowPacks,
        };
        var result = await CheckAsync(vault, options, cancellationToken);
        context.Terminal.Say(
            $"Checked {Text.Count((ulong)result.Snapshots, "snapshot", "snapshots")}, "
            + $"{Text.Count((ulong)result.Trees, "directory", "directories")} and {Text.Count((ulong)result.Packs, "pack", "packs")}, "
            + (server is null ? "" : $"let the server read {result.PacksVerified} of them, ")
            + $"read {result.PacksRead} of them, in {Text.Duration(progress.Elapsed)}.");
        context.Terminal.Print(result.Damages == 0
            ? "The vault is whole."
            : $"{Text.Count((ulong)result.Damages, "problem", "problems")} found. See above for what to do.");
        context.Terminal.Json(
            new CheckSummary(
                result.Damages, PacksOf(findings), findings.Exists(NeedsIndex),
                result.UnusedBlobs > 0 || findings.Exists(finding => finding.Kind == VaultFindingKind.ExtraPack)),
            MessageJson.Default.CheckSummary);
        return result.Damages == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<CheckResult> CheckAsync(Vault vault, CheckOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await VaultCheck.RunAsync(vault, options, cancellationToken);
        }
        catch (VaultException error) when (error.Fault == VaultFault.Unsupported && options.Server is not null)
        {
            throw new CommandException($"{error.Message} Use --read-data, which downloads the packs.");
        }
    }

    private static void Report(VerbContext context, VaultFinding finding)
    {
        if (!finding.IsDamage)
        {
            context.Terminal.Detail(finding.Message);
        }
        else if (context.Terminal.IsJson)
        {
            context.Terminal.JsonError(new CheckError(finding.Message), MessageJson.Default.CheckError);
        }
        else
        {
            context.Terminal.Warn(finding.Message);
        }
    }

    private static PackSubset? SubsetOf(VerbContext context)
    {
        if (context.Get(Subset) is not { } text)
        {
            return context.Get(ReadData) || context.Get(OnServer) ? PackSubset.All : null;
        }

        if (text.Split('/') is [var first, var second])
        {
            return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var group)
                && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var groups)
                && groups is >= 1 and <= 256 && group >= 1 && group <= groups
                ? PackSubset.Group(group, groups)
                : throw NotAPart(text);
        }

        if (text.EndsWith('%'))
        {
            return double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                && percent is > 0 and <= 100
                ? PackSubset.Percentage(percent, NewRandom())
                : throw NotAPart(text);
        }

        return Quantity.ParseBytes(text) is > 0 and var bytes ? PackSubset.Size(bytes, NewRandom()) : throw NotAPart(text);
    }

    // Each check chooses other packs.
    private static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    private static CommandException NotAPart(string text) => new(
        $"'{text}' is not a part of the packs. Write it like 1/7 (at most 256 parts), 5% or 500M.");

    private static bool NeedsIndex(VaultFinding finding) =>
        finding.Kind is VaultFindingKind.OtherHeader or VaultFindingKind.MissingBlob || finding.File?.Type == BlobType.Index;

    private static List<string>? PacksOf(List<VaultFinding> findings)
    {
        var packs = findings
            .Where(finding => finding.Kind is VaultFindingKind.DamagedPack or VaultFindingKind.DamagedBlob or VaultFindingKind.WrongPackSize
                && finding.File?.Type == BlobType.Data)
            .Select(finding => finding.File!.Value.Id).Distinct().ToList();
        return packs.Count > 0 ? packs : null;
    }
}
