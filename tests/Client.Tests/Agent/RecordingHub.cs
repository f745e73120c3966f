using System.Collections.Concurrent;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent;

/// <summary>
/// The other end of a live connection: keeps what a device calls, as text in the order of the calls, and can break before or after one.
/// </summary>
internal sealed class RecordingHub : ILiveHub
{
    private int _calls;

    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<CommandReport> Reports { get; } = new();

    /// <summary>Number of the call after which the answer is lost; 0 for none.</summary>
    public int BreaksAfter { get; init; }

    public Func<string, LiveAck> Answer { get; set; } = static _ => new LiveAck();

    public Task<LiveWelcome> Attach(LiveHello hello) => throw new NotSupportedException();

    public Task<LiveHeartbeatAnswer> Heartbeat(LiveHeartbeat beat) => throw new NotSupportedException();

    public Task<LiveAck> Report(CommandReport report)
    {
        Reports.Enqueue(report);
        return TakeAsync($"report {report.State}");
    }

    public Task<LiveAck> ReportJob(string job)
    {
        var detail = CometJson.Read<BackupJobDetail>(job)!;
        return TakeAsync($"job {detail.TotalFiles} {(detail.Status.IsRunning() ? "runs" : "ended")}");
    }

    public Task<LiveAck> AppendJobLog(Guid jobId, long first, string entries) =>
        TakeAsync($"log {first}+{CometJson.Read<List<JobEntry>>(entries)!.Count}");

    private Task<LiveAck> TakeAsync(string call)
    {
        Calls.Enqueue(call);
        return ++_calls == BreaksAfter ? throw new IOException("The connection broke.") : Task.FromResult(Answer(call));
    }
}
