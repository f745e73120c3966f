using System.IO.Compression;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about the log of the server. A log is named by the Unix seconds at which its day begins.</summary>
internal sealed class LogCalls(LogFiles logs)
{
    private const Requires Rights = Requires.TopLevel | Requires.ViewServerHistory;
    private const long LatestDay = 253_402_214_400;

    public static void Map(CometMap<LogCalls> map)
    {
        map.Admin("meta/list-available-log-days", "", Rights, (api, _) => api.Days());
        map.Admin("meta/read-logs", "Log int", Rights, (api, call) => api.Read(call));
        map.Admin("meta/read-select-logs", "Logs json:[]int", Rights, (api, call) => api.ReadSome(call));
        map.Admin("meta/read-all-logs", "", Rights, (api, _) => api.ReadAll());
    }

    private CometReply<long[]> Days() =>
        (long[])[.. logs.Days().Select(day => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds())];

    private CometReply<CometRaw> Read(CometCall call)
    {
        if (!call.Form.TryInteger("Log", -1, out var seconds) || DayOf(seconds) is not { } day)
        {
            return CometErrors.BadField("Log", "must be one of the days that list-available-log-days answers");
        }

        return logs.Days().Contains(day)
            ? new CometRaw(CometRaw.Text, (stream, cancellationToken) => logs.CopyAsync(day, stream, cancellationToken))
            : CometErrors.NotFound("There is no log of this day");
    }

    private CometReply<CometRaw> ReadAll() => Zip(logs.Days());

    private CometReply<CometRaw> ReadSome(CometCall call)
    {
        if (!call.Form.TryJson<List<long>>("Logs", out var list) || list is null)
        {
            return CometErrors.BadField("Logs", "must be a list of days as JSON");
        }

        var days = list.Select(DayOf).ToList();
        return days.Contains(null) || days.Except(logs.Days().Select(day => (DateOnly?)day)).Any()
            ? CometErrors.NotFound("There is no log of one of these days")
            : Zip([.. days.OfType<DateOnly>().Distinct()]);
    }

    // Packed into a file that is deleted with its handle: a month of logs is too much for memory, and the archive writes in ways that a
    // response does not support.
    private CometRaw Zip(IReadOnlyList<DateOnly> days) => new(CometRaw.Zip, async (stream, cancellationToken) =>
    {
        await using var packed = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        await using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            await PackAsync(archive, days, cancellationToken);
        }

        packed.Position = 0;
        await packed.CopyToAsync(stream, cancellationToken);
    });

    private async Task PackAsync(ZipArchive archive, IReadOnlyList<DateOnly> days, CancellationToken cancellationToken)
    {
        foreach (var day in days)
        {
            await using var entry = await archive.CreateEntry(LogFiles.NameOf(day)).OpenAsync(cancellationToken);
            await logs.CopyAsync(day, entry, cancellationToken);
        }
    }

    private static DateOnly? DayOf(long seconds) =>
        seconds is >= 0 and <= LatestDay ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime) : null;
}
