using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Server.Tests.AuthRole;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>A device shows when it last proved that its backups can be restored.</summary>
public sealed class RestoreDrillStatusTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Last_drill_counts_and_of_several_vaults_one_that_failed(TestDatabase database)
    {
        await using var host = await LiveHost.OnAsync(servers, database);
        await using var device = await host.AttachAsync();
        await using var other = await host.AttachAsync("tablet");
        var start = DateTimeOffset.UtcNow.AddDays(-5).ToUnixTimeSeconds();
        Assert.Null((await host.DeviceAsync()).RestoreDrill);

        await ReportAsync(device, "vault-1", start, JobStatus.Success, 250);
        await ReportAsync(device, "vault-1", start + 100, JobStatus.Cancelled, 3); // says nothing
        await ReportAsync(device, "vault-1", start + 200, JobStatus.Success, 7, JobClassification.Restore);
        var proven = (await host.DeviceAsync()).RestoreDrill!;
        Assert.Equal(new RestoreDrillStatus(TimeOf(start + 10), true, 250, 2_500, "vault-1", TimeOf(start + 10)), proven);

        await ReportAsync(device, "vault-2", start + 300, JobStatus.Error, 20);
        await ReportAsync(device, "vault-1", start + 400, JobStatus.Success, 251);
        var failed = (await host.DeviceAsync()).RestoreDrill!;
        Assert.Equal((TimeOf(start + 310), false, "vault-2"), (failed.EndedAt, failed.IsProof, failed.VaultId));
        Assert.Equal(TimeOf(start + 410), failed.ProvenAt);

        await ReportAsync(device, "vault-2", start + 500, JobStatus.Warning, 0); // it found no snapshot
        Assert.False((await host.DeviceAsync()).RestoreDrill!.IsProof);
        await ReportAsync(device, "vault-2", start + 600, JobStatus.Success, 9);
        Assert.Equal((true, 9L), (await host.DeviceAsync()).RestoreDrill is { } last ? (last.IsProof, last.Files) : default);
        Assert.Null((await host.DeviceAsync("tablet")).RestoreDrill);
    }

    private static async Task ReportAsync(
        TestDevice device, string vault, long start, JobStatus status, long files,
        JobClassification classification = JobClassification.RestoreDrill)
    {
        var job = RoleServer.Job();
        (job.DeviceID, job.SourceGUID, job.DestinationGUID, job.Classification) = ("", "", vault, classification);
        (job.StartTime, job.EndTime, job.Status) = (start, start + 10, status);
        (job.TotalFiles, job.TotalSize) = (files, files * 10);
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);
    }

    private static DateTime TimeOf(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}
