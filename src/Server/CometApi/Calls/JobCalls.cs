using System.Diagnostics.CodeAnalysis;
using System.Text;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Jobs = Halley.Server.CometApi.Transport.CometReply<System.Collections.Generic.List<Halley.Protocol.Jobs.BackupJobDetail>>;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about jobs. Lists are sent as they are read.</summary>
internal sealed class JobCalls(JobStore jobs, JobLogStore logs, JobActions actions)
{
    private const string JobId = "JobID";
    private const string TargetUser = "TargetUser";
    private const string Query = "Query";
    private static readonly CometApiResponseMessage UnknownJob = CometErrors.NotFound("Job not found");

    public static void Map(CometMap<JobCalls> map)
    {
        MapAdmin(map, "get-jobs-all", "", (api, call, scope) => Task.FromResult(api.All(call, scope)));
        MapAdmin(map, "get-jobs-recent", "", (api, call, scope) => Task.FromResult(api.Recent(call, scope)));
        MapAdmin(map, "get-jobs-for-user", "TargetUser", (api, call, _) => api.OfUserAsync(call));
        MapAdmin(map, "get-jobs-for-date-range", "Start int, End int", (api, call, scope) => Task.FromResult(api.Between(call, scope)));
        MapAdmin(
            map, "get-jobs-for-custom-search", "Query json:SearchClause",
            (api, call, scope) => Task.FromResult(api.Search(call, scope)));
        MapAdmin(map, "count-jobs-for-custom-search", "Query json:SearchClause", (api, call, scope) => api.CountAsync(call, scope));
        MapAdmin(map, "get-job-properties", "JobID", (api, call, scope) => api.PropertiesAsync(call, scope));
        MapAdmin(map, "get-job-log", "JobID", (api, call, scope) => api.LogAsync(call, scope));
        MapAdmin(
            map, "get-job-log-entries", "JobID, MinSeverity?, MessageContains?",
            (api, call, scope) => api.LogEntriesAsync(call, scope));
        MapAdmin(map, "job/cancel", "TargetUser, JobID", (api, call, scope) => api.CancelAsync(call, scope, call.Form.Text(TargetUser)));
        MapAdmin(map, "job/abandon", "TargetUser, JobID", (api, call, _) => api.AbandonAsync(call));

        MapUser(map, "get-jobs", "", (api, call, scope) => Task.FromResult(api.All(call, scope)));
        MapUser(
            map, "get-jobs-for-custom-search", "Query json:SearchClause",
            (api, call, scope) => Task.FromResult(api.Search(call, scope)));
        MapUser(map, "get-job-properties", "JobID", (api, call, scope) => api.PropertiesAsync(call, scope));
        MapUser(map, "get-job-log", "JobID", (api, call, scope) => api.LogAsync(call, scope));
        MapUser(
            map, "get-job-log-entries", "JobID, MinSeverity?, MessageContains?",
            (api, call, scope) => api.LogEntriesAsync(call, scope));
        MapUser(map, "job/cancel", "JobID", (api, call, scope) => api.CancelAsync(call, scope, call.Account.Username));
    }

    private static void MapAdmin<T>(
        CometMap<JobCalls> map, string name, string fields, Func<JobCalls, CometCall, JobScope, Task<T>> handler)
        where T : ICometReply<T> =>
        map.Admin(name, fields, (api, call) => handler(api, call, JobScope.Of(call.Caller)));

    private static void MapUser<T>(
        CometMap<JobCalls> map, string name, string fields, Func<JobCalls, CometCall, JobScope, Task<T>> handler)
        where T : ICometReply<T> =>
        map.User(
            name, fields,
            (api, call) => handler(api, call, JobScope.Of(call.Account)));

    private Jobs All(CometCall call, JobScope scope) => Jobs.Streamed(jobs.AllAsync(scope, call.Aborted));

    private Jobs Recent(CometCall call, JobScope scope) => Jobs.Streamed(jobs.RecentAsync(scope, call.Aborted));

    private async Task<Jobs> OfUserAsync(CometCall call) =>
        (await jobs.ScopeOfAsync(call.Target, call.Aborted)).TryGet(out var scope, out var refusal)
            ? Jobs.Streamed(jobs.AllAsync(scope, call.Aborted))
            : refusal;

    private Jobs Between(CometCall call, JobScope scope) =>
        !call.Form.TryInteger("Start", 0, out var start) || start < 0 ? CometErrors.BadField("Start", "must be Unix seconds")
        : !call.Form.TryInteger("End", 0, out var end) || end < 0 ? CometErrors.BadField("End", "must be Unix seconds")
        : Jobs.Streamed(jobs.BetweenAsync(scope, start, end, call.Aborted));

    private Jobs Search(CometCall call, JobScope scope) =>
        TryReadSearch(call, out var search, out var refusal) ? Jobs.Streamed(jobs.SearchAsync(scope, search, call.Aborted)) : refusal;

    private async Task<CometReply<CountJobsResponse>> CountAsync(CometCall call, JobScope scope) =>
        TryReadSearch(call, out var search, out var refusal)
            ? new CountJobsResponse { Count = await jobs.CountAsync(scope, search, call.Aborted) }
            : refusal!;

    private async Task<CometReply<BackupJobDetail>> PropertiesAsync(CometCall call, JobScope scope) =>
        await jobs.FindAsync(scope, call.Form.Text(JobId), call.Aborted) is { } job
            ? CometReply<BackupJobDetail>.Streamed(new StoredJob(job.Document))
            : UnknownJob;

    private async Task<CometReply<CometRaw>> LogAsync(CometCall call, JobScope scope) =>
        await jobs.FindAsync(scope, call.Form.Text(JobId), call.Aborted) is { } job
            ? new CometRaw(CometRaw.Text, (stream, cancellationToken) => WriteLogAsync(job.Id, stream, cancellationToken))
            : UnknownJob;

    private async Task<CometReply<List<JobEntry>>> LogEntriesAsync(CometCall call, JobScope scope)
    {
        var least = call.Form.Text("MinSeverity");
        if (least.Length > 0 && JobLogStore.Rank(least) < 0)
        {
            return CometErrors.BadField("MinSeverity", "must be D, I, W or E");
        }

        return await jobs.FindAsync(scope, call.Form.Text(JobId), call.Aborted) is { } job
            ? CometReply<List<JobEntry>>.Streamed(logs.ReadAsync(
                job.Id, Math.Max(0, JobLogStore.Rank(least)), call.Form.Text("MessageContains"), call.Aborted))
            : UnknownJob;
    }

    private async Task<CometApiResponseMessage> CancelAsync(CometCall call, JobScope scope, string username) =>
        CometErrors.OkOr(await actions.CancelAsync(scope, username, call.Form.Text(JobId), call.Aborted));

    private async Task<CometApiResponseMessage> AbandonAsync(CometCall call)
    {
        var outcome = await actions.AbandonAsync(
            call.Caller, call.Form.Text(TargetUser), call.Form.Text(JobId), $"requested by {call.Caller.Name}.", call.Aborted);
        return CometErrors.OkOr(outcome.Refusal);
    }

    private async Task WriteLogAsync(string jobId, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await foreach (var entry in logs.ReadAsync(jobId, leastRank: 0, "", cancellationToken))
        {
            await writer.WriteAsync(JobLogStore.Line(entry).AsMemory(), cancellationToken);
            await writer.WriteAsync("\n".AsMemory(), cancellationToken);
        }
    }

    private bool TryReadSearch(
        CometCall call, [NotNullWhen(true)] out JobSearch? search, [NotNullWhen(false)] out CometApiResponseMessage? refusal)
    {
        search = null;
        if (!call.Form.TryJson<SearchClause>(Query, out var clause))
        {
            refusal = CometErrors.BadField(Query, "must be a search clause as JSON");
            return false;
        }

        var found = jobs.ParseSearch(clause ?? new SearchClause()).TryGet(out search, out var problem);
        refusal = found ? null : CometErrors.BadField(Query, $"cannot be searched by: {problem!.Reason}");
        return found;
    }
}
