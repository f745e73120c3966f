using Halley.Client.Restore;

namespace Halley.Cli.Output;

/// <summary>Tells what a restore does, for people or programs.</summary>
internal sealed class RestoreReportView(VerbContext context)
{
    private readonly Progress _progress = new(context.Terminal, context.Time);
    private long _restored;
    private long _skipped;
    private long _deleted;
    private ulong _total;
    private ulong _skippedBytes;
    private string _current = "";

    public void Add(RestoredItem item)
    {
        _current = item.Path;
        _restored += item.Action is RestoreAction.Created or RestoreAction.Updated ? 1 : 0;
        _deleted += item.Action == RestoreAction.Deleted ? 1 : 0;
        if (item.Action is RestoreAction.Kept or RestoreAction.Unchanged)
        {
            (_skipped, _skippedBytes) = (_skipped + 1, _skippedBytes + item.Size);
        }

        _total += item.Action == RestoreAction.Deleted ? 0 : item.Size;
        if (context.Terminal.IsDetailed)
        {
            context.Terminal.Print($"{WordOf(item.Action),-9} {Terminal.Printable(item.Path)}");
            context.Terminal.Json(new RestoreItem(WordOf(item.Action), item.Path, item.Size), MessageJson.Default.RestoreItem);
        }
    }

    public void Warn(RestoreWarning warning) => context.Terminal.Warn("restore", warning.Path, warning.Message);

    public void Show(RestoreProgress progress)
    {
        if (!_progress.IsDue())
        {
            return;
        }

        if (context.Terminal.IsJson)
        {
            context.Terminal.Json(
                new RestoreStatus(
                    (ulong)_progress.Elapsed.TotalSeconds, ShareOf(progress.BytesWritten, progress.BytesPlanned),
                    _restored + _skipped, _restored, _skipped, _deleted, (long)_total, progress.BytesWritten, (long)_skippedBytes),
                MessageJson.Default.RestoreStatus);
            return;
        }

        var what = $"{_restored} files and directories, {Text.Bytes(progress.BytesWritten)} of {Text.Bytes(progress.BytesPlanned)}";
        context.Terminal.Show(_progress.Line(ShareOf(progress.BytesWritten, progress.BytesPlanned), what, progress.BytesWritten), _current);
    }

    public void Finish(RestoreResult result, bool isDryRun)
    {
        var elapsed = _progress.Elapsed;
        var restored = result.Created + result.Updated;
        context.Terminal.Say(
            $"{(isDryRun ? "Would restore" : "Restored")} {Text.Count((ulong)restored, "file or directory", "files and directories")} "
            + $"({Text.Bytes(result.BytesWritten)}) in {Text.Duration(elapsed)}; {result.Unchanged} already up to date, "
            + $"{result.Kept} not overwritten{(result.Deleted > 0 ? $", {result.Deleted} deleted." : ".")}");
        if (result.WarningCount > 0)
        {
            context.Terminal.Print(
                $"{Text.Count((ulong)result.WarningCount, "warning", "warnings")}: the target differs from the snapshot. See above.");
        }

        context.Terminal.Json(
            new RestoreSummary(
                (ulong)elapsed.TotalSeconds, 1, restored + result.Unchanged + result.Kept, restored, result.Unchanged + result.Kept,
                result.Deleted, (long)_total, result.BytesWritten, (long)_skippedBytes),
            MessageJson.Default.RestoreSummary);
    }

    private static double ShareOf(long done, long all) => all == 0 ? 0 : (double)done / all;

    private static string WordOf(RestoreAction action) => action switch
    {
        RestoreAction.Created => "restored",
        RestoreAction.Updated => "updated",
        RestoreAction.Deleted => "deleted",
        _ => "unchanged",
    };
}
