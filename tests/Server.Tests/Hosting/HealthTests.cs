using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.StorageRole.Volumes;
using Halley.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>A server that cannot store anything does not say that it is ready, and is ready again without anybody's help.</summary>
public class HealthTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Full_disk_of_the_database_is_a_coded_507_and_not_ready_until_there_is_room(bool connectionsAreClosed)
    {
        await using var disk = await TmpfsVolume.MountAsync(megabytes: 32);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { DataDirectory = Path.Combine(disk.Path, "data"), Time = time });
        var filler = Path.Combine(disk.Path, "filler");
        if (connectionsAreClosed)
        {
            SqliteConnection.ClearAllPools(); // as after minutes without a request; the next one needs room for a file of SQLite
        }

        await FillAsync(filler);

        HttpResponseMessage refused;
        do
        {
            // The write-ahead log may still have room for a few changes.
            refused = await host.TrySignInAsync();
        }
        while (refused.StatusCode == HttpStatusCode.Created);

        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Equal("database_full", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        Assert.Equal("failed", await StateAsync(host, "database"));
        var comet = await host.CallCometAsync("admin/account/session-start", [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)]);
        Assert.Equal(507, comet.GetProperty("Status").GetInt32());
        File.Delete(filler);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync()).StatusCode);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("ok", await StateAsync(host, "database"));
        await FillAsync(filler); // it stops all the same
    }

    [Fact]
    public async Task Volume_that_was_remounted_read_only_is_not_ready_and_says_why()
    {
        await using var disk = await TmpfsVolume.MountAsync(megabytes: 8);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        using var client = await host.SignInAsync();
        var added = await client.PostAsJsonAsync(Routes.Volumes, new AddVolume(Path.Combine(disk.Path, "volume")));
        var volume = (await added.Content.ReadFromJsonAsync<VolumeInfo>())!;

        await RemountAsync(disk, "ro");
        time.Advance(TimeSpan.FromMinutes(1)); // a write is tried every half minute
        await host.Service<VolumeProbeWork>().RunOnceAsync(default);

        var found = await client.GetFromJsonAsync<VolumeInfo>(Routes.ToVolume(volume.Id));
        Assert.True(found!.Online);
        Assert.Contains("mounted read-only", found.Problem, StringComparison.Ordinal);
        Assert.Equal("failed", await StateAsync(host, "volumes"));
        await RemountAsync(disk, "rw");
        await host.Service<VolumeProbeWork>().RunOnceAsync(default);
        Assert.Equal("ok", await StateAsync(host, "volumes"));
    }

    private static async Task<string?> StateAsync(ServerHost host, string check)
    {
        using var answer = await host.Http.GetAsync(new Uri(Routes.Ready, UriKind.Relative));
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var state = report.GetProperty("checks").GetProperty(check).GetString();
        Assert.Equal(state == "ok" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        return state;
    }

    private static async Task RemountAsync(TmpfsVolume disk, string mode)
    {
        var run = await ExternalProgram.RunAsync(Tools.Require("mount", "mount"), ["-o", $"remount,{mode}", disk.Path]);
        Assert.True(run.ExitCode == 0, run.Output);
    }

    private static async Task FillAsync(string path)
    {
        await using var file = File.Create(path);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                await file.WriteAsync(block);
                await file.FlushAsync();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
