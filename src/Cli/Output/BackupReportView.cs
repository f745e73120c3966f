using Halley.Client.Backup;
using Halley.Client.Repository.Snapshots;

namespace Halley.Cli.Output;

/// <summary>Tells what a backup does, for people or programs.</summary>
internal sealed class BackupReportView(VerbContext context)
{
    private readonly Progress _progress = new(context.Terminal, context.Time);

    public void Add(BackedUpItem item)
    {
        var action = item.Action switch
        {
            BackupAction.New => "new",
            BackupAction.Modified => "modified",
            _ => "unchanged",
        };
        context.Terminal.Print($"{action,-9} {Terminal.Printable(item.Path)}");
        context.Terminal.Json(new BackupItem(action, item.Path, item.Size), MessageJson.Default.BackupItem);
    }

    public void Warn(BackupWarning warning) => context.Terminal.Warn("archival", warning.Path, warning.Message);

    public void Show(BackupProgress progress)
    {
        if (!_progress.IsDue())
        {
            return;
        }

        var share = progress.Total is { } total ? total.Bytes == 0 ? 1 : Math.Min(1, (double)progress.Bytes / total.Bytes) : (double?)null;
        if (context.Terminal.IsJson)
        {
            var remaining = share is { } known ? _progress.Remaining(known) : null;
            context.Terminal.Json(
                new BackupStatus(
                    (ulong)_progress.Elapsed.TotalSeconds, (ulong?)remaining?.TotalSeconds, share ?? 0, progress.Total?.Files,
                    progress.Files, progress.Total?.Bytes, progress.Bytes, progress.Warnings, [progress.Current]),
                MessageJson.Default.BackupStatus);
            return;
        }

        var all = progress.Total is { } counted ? $" of {counted.Files} files, {Text.Bytes(progress.Bytes)} of {Text.Bytes(counted.Bytes)}"
            : $" files, {Text.Bytes(progress.Bytes)}";
        var warnings = progress.Warnings > 0 ? $", {Text.Count((ulong)progress.Warnings, "warning", "warnings")}" : "";
        context.Terminal.Show(_progress.Line(share, $"{progress.Files}{all}{warnings}", progress.Bytes), progress.Current);
    }

    public void Finish(BackupResult result, bool isDryRun)
    {
        var summary = result.Snapshot.Summary!;
        var elapsed = _progress.Elapsed;
        context.Terminal.Say(
            $"Files:       {summary.FilesNew,8} new, {summary.FilesChanged,8} changed, {summary.FilesUnmodified,8} unmodified");
        context.Terminal.Say(
            $"Directories: {summary.DirectoriesNew,8} new, {summary.DirectoriesChanged,8} changed, "
            + $"{summary.DirectoriesUnmodified,8} unmodified");
        context.Terminal.Say(
            $"{(isDryRun ? "Would add" : "Added")} {Text.Bytes(summary.DataAdded)} to the vault "
            + $"({Text.Bytes(summary.DataAddedPacked)} stored), processed {Text.Count(summary.TotalFilesProcessed, "file", "files")}, "
            + $"{Text.Bytes(summary.TotalBytesProcessed)} in {Text.Duration(elapsed)}");
        context.Terminal.Say(
            isDryRun ? "Dry run: nothing was stored."
            : result.Id is { } id ? $"snapshot {id.ShortText} saved"
            : "Nothing has changed, so no snapshot was made.");
        if (result.IsPartial)
        {
            context.Terminal.Print("Some files could not be read and are not in the snapshot. See above.");
        }

        context.Terminal.Json(ObjectOf(result, summary, elapsed, isDryRun), MessageJson.Default.BackupSummary);
    }

    private static BackupSummary ObjectOf(BackupResult result, SnapshotSummary summary, TimeSpan elapsed, bool isDryRun) => new(
        isDryRun ? true : null, summary.FilesNew, summary.FilesChanged, summary.FilesUnmodified, summary.DirectoriesNew,
        summary.DirectoriesChanged, summary.DirectoriesUnmodified, summary.DataBlobs, summary.TreeBlobs, summary.DataAdded,
        summary.DataAddedPacked, summary.TotalFilesProcessed, summary.TotalBytesProcessed, summary.BackupStart?.ToString(),
        summary.BackupEnd?.ToString(), Math.Round(elapsed.TotalSeconds, 6), isDryRun ? null : result.Id?.ToString());
}
