using Halley.Client.Accounts;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Agent.Jobs;

/// <summary>
/// Sends jobs and their logs to the server, the oldest job first: its document while it runs, then the log, and its end last. The server
/// takes each once, however often it is sent, so a job is sent until the server has said that it has all of it.
/// </summary>
internal sealed class JobReporter(JobHistory history, StateDirectory state, TimeProvider time, Action<string> warn)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Sends what is new until it is cancelled, or throws because the connection has ended.</summary>
    public async Task RunAsync(ILiveHub hub, CancellationToken cancellationToken)
    {
        do
        {
            history.News.TryRead(out _);
            await SendAllAsync(hub, cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
        }
        while (await history.News.WaitToReadAsync(cancellationToken));
    }

    /// <summary>Sends once what the server does not have.</summary>
    public async Task SendAllAsync(ILiveHub hub, CancellationToken cancellationToken)
    {
        var account = state.FindAccount();
        foreach (var job in history.Unsent)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(job) is not (var detail, var logLength))
            {
                warn($"Job {job.Name.Id} is damaged on this machine and cannot be reported.");
                history.MarkSent(job);
            }
            else if (detail.Username == account?.Username && detail.DeviceID == account.DeviceId)
            {
                await SendAsync(hub, job, detail, logLength);
            }
        }
    }

    private (BackupJobDetail Detail, long LogLength)? Read(UnsentJob job) =>
        job.Record is { } record ? record.Flush()
        : history.Archive.ReadDocument(job.Name) is { } detail ? (detail, history.Archive.LengthOfLog(job.Name))
        : null;

    private async Task SendAsync(ILiveHub hub, UnsentJob job, BackupJobDetail detail, long logLength)
    {
        var hasEnded = detail.EndTime != 0;
        if (job.CounterSent < 0 || (!hasEnded && job.CounterSent < detail.Progress.Counter))
        {
            if (!await SendDocumentAsync(hub, job, hasEnded ? AsRunning(detail) : detail))
            {
                return;
            }
        }

        if (await SendLogAsync(hub, job, logLength) && hasEnded && await SendDocumentAsync(hub, job, detail))
        {
            history.MarkSent(job);
        }
    }

    // False when the server refuses the job for good.
    private async Task<bool> SendDocumentAsync(ILiveHub hub, UnsentJob job, BackupJobDetail detail)
    {
        var answer = await hub.ReportJob(CometJson.Write(detail));
        if (answer.Code.Length == 0)
        {
            job.CounterSent = detail.Progress.Counter;
            return true;
        }

        GiveUp(job, answer);
        return false;
    }

    // False when the server has another part of the log than expected, as after its restore from a backup: then all is sent again.
    private async Task<bool> SendLogAsync(ILiveHub hub, UnsentJob job, long length)
    {
        while (job.BytesSent < length)
        {
            var (entries, lines, bytes) = history.Archive.ReadLogPart(job.Name, job.BytesSent, length);
            if (lines == 0)
            {
                return true;
            }

            var answer = await hub.AppendJobLog(job.Name.Id, job.LinesSent, entries);
            if (answer.Code.Length > 0)
            {
                if (job.LinesSent > 0)
                {
                    (job.CounterSent, job.LinesSent, job.BytesSent) = (-1, 0, 0);
                    history.Signal();
                }
                else
                {
                    GiveUp(job, answer);
                }

                return false;
            }

            (job.LinesSent, job.BytesSent) = (job.LinesSent + lines, job.BytesSent + bytes);
        }

        return true;
    }

    private void GiveUp(UnsentJob job, LiveAck answer)
    {
        if (!answer.Code.StartsWith("job_", StringComparison.Ordinal))
        {
            throw new IOException($"The server did not take job {job.Name.Id}: {answer.Message}");
        }

        warn($"The server refuses job {job.Name.Id}, which stays on this machine only: {answer.Message}");
        if (job.Record is null)
        {
            history.MarkSent(job);
        }
    }

    private static BackupJobDetail AsRunning(BackupJobDetail ended)
    {
        var running = CometJson.Copy(ended);
        (running.Status, running.EndTime) = (JobStatus.Running, 0);
        return running;
    }
}
