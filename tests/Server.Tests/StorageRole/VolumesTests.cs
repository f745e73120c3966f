using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Storage;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Volumes over <c>/api/v2</c>, and what the vault answers while they come and go.</summary>
public sealed class VolumesTests
{
    [Theory]
    [DatabaseData]
    public async Task Volume_that_is_added_takes_files_at_once_and_stays_after_a_restart(TestDatabase database)
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync(database);

        var added = await host.AddVolumeAsync(disk.Path + "/");
        using var readOnly =
            await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{(await FirstAsync(host)).Id}", new { mode = "read-only" });
        var blob = await PostAsync(host, seed: 1);

        Assert.Equal((disk.Path, VolumeMode.Writable, true), (added.Path, added.Mode, added.Online));
        Assert.True(added.TotalBytes > 0 && added.FreeBytes > 0 && added.ReserveBytes > 0);
        Assert.Equal(HttpStatusCode.OK, readOnly.StatusCode);
        Assert.True(File.Exists(Path.Combine(disk.Path, "buckets", host.Id, "data", blob.Name.Id[..2], blob.Name.Id)));
        Assert.Equal(2, (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items.Count);
    }

    [Fact]
    public async Task Volume_that_cannot_be_one_is_refused_with_the_reason()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        await host.AddVolumeAsync(disk.Path);
        var file = Path.Combine(disk.Path, "file");
        await File.WriteAllTextAsync(file, "");

        Assert.Equal("volume_path_relative", await RefusalAsync(host, "relative/path"));
        Assert.Equal("volume_path_relative", await RefusalAsync(host, ""));
        Assert.Equal("volume_overlaps", await RefusalAsync(host, disk.Path));
        Assert.Equal("volume_overlaps", await RefusalAsync(host, Path.Combine(disk.Path, "below")));
        Assert.Equal("volume_overlaps", await RefusalAsync(host, Path.GetDirectoryName(disk.Path)!));
        Assert.Equal("volume_unusable", await RefusalAsync(host, "/proc/self/volume"));
    }

    [Fact]
    public async Task Volume_that_really_lies_in_another_or_among_the_servers_own_files_is_refused()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var volume = await host.AddVolumeAsync(disk.CreateSubdirectory("volume"));
        Directory.CreateSymbolicLink(disk["link"], volume.Path);
        Directory.CreateSymbolicLink(disk["relative"], "link/../volume");
        Directory.CreateSymbolicLink(disk["logs"], Path.Combine(host.Server.DataDirectory, "logs"));
        Directory.CreateSymbolicLink(disk["loop"], disk["loop"]);

        foreach (var path in new[] { disk["link"], disk["link", "below"], disk["relative", "below"], disk["logs", "volume"] })
        {
            Assert.Equal("volume_overlaps", await RefusalAsync(host, path));
        }

        foreach (var own in new[] { "", "logs", "keys", "keys/volume", "backups/volume", "transfers" })
        {
            Assert.Equal("volume_overlaps", await RefusalAsync(host, Path.Combine(host.Server.DataDirectory, own)));
        }

        Assert.Equal("volume_unusable", await RefusalAsync(host, disk["loop", "volume"]));
        await host.AddVolumeAsync(disk["other"]);
    }

    [Fact]
    public async Task Volume_that_is_a_copy_of_another_is_refused()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        File.Copy(Path.Combine(host.FirstVolume, "halley-volume.json"), Path.Combine(disk.Path, "halley-volume.json"));

        Assert.Equal("volume_known", await RefusalAsync(host, disk.Path));
    }

    [Fact]
    public async Task Volume_is_removed_only_when_it_holds_no_files()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var second = await host.AddVolumeAsync(disk.Path);
        await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{(await FirstAsync(host)).Id}", new { mode = "read-only" });
        var blob = await PostAsync(host, seed: 1);

        using var refused = await host.Admin.DeleteAsync($"/api/v2/volumes/{second.Id}");
        await host.Vault.DeleteAsync(host.Url(blob.Name.ToString()));
        using var removed = await host.Admin.DeleteAsync($"/api/v2/volumes/{second.Id}");

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("volume_not_empty", JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.DeleteAsync($"/api/v2/volumes/{second.Id}")).StatusCode);
        Assert.True(File.Exists(Path.Combine(disk.Path, "halley-volume.json")));
    }

    [Fact]
    public async Task Volume_that_vanishes_makes_answers_503_and_never_404_or_a_shorter_list()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var there = await PostAsync(host, seed: 1);
        var second = await host.AddVolumeAsync(Path.Combine(disk.Path, "volume"));
        await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{(await FirstAsync(host)).Id}", new { mode = "read-only" });
        var away = await PostAsync(host, seed: 2);
        await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{(await FirstAsync(host)).Id}", new { mode = "writable" });

        Directory.Move(second.Path, second.Path + "-away");
        Directory.CreateDirectory(second.Path); // what an unmounted disk leaves: an empty directory

        Assert.Equal(503, await StatusAsync(host, HttpMethod.Get, away.Name.ToString()));
        Assert.Equal(503, await StatusAsync(host, HttpMethod.Head, away.Name.ToString()));
        Assert.Equal(503, await StatusAsync(host, HttpMethod.Get, "data/"));
        Assert.Equal(503, await StatusAsync(host, HttpMethod.Get, "locks/"));
        Assert.Equal(503, await StatusAsync(host, HttpMethod.Delete, away.Name.ToString()));
        Assert.Equal(200, await StatusAsync(host, HttpMethod.Get, there.Name.ToString()));
        Assert.Equal(503, (int)(await host.Server.Http.GetAsync(Routes.Ready)).StatusCode);
        Assert.Equal(200, (int)(await host.Server.Http.GetAsync(Routes.Health)).StatusCode);
        await PostAsync(host, seed: 3);
        Assert.Empty(Directory.EnumerateFileSystemEntries(second.Path));
        var shown = (await host.Admin.GetFromJsonAsync<VolumeInfo>($"/api/v2/volumes/{second.Id}"))!;
        Assert.False(shown.Online);
        Assert.NotNull(shown.Problem);

        Directory.Delete(second.Path);
        Directory.Move(second.Path + "-away", second.Path);
        await host.Server.Service<VolumeProbeWork>().RunOnceAsync(CancellationToken.None);

        Assert.Equal(200, await StatusAsync(host, HttpMethod.Get, away.Name.ToString()));
        Assert.Equal(200, (int)(await host.Server.Http.GetAsync(Routes.Ready)).StatusCode);
    }

    [Fact]
    public async Task Server_starts_while_a_volume_is_away_and_serves_the_rest()
    {
        using var data = new TemporaryDirectory();
        using var disk = new TemporaryDirectory();
        var options = new ServerHostOptions { Kestrel = true, DataDirectory = data.Path };
        await using (var host = await BucketHost.StartAsync(options))
        {
            await host.AddVolumeAsync(Path.Combine(disk.Path, "volume"));
        }

        Directory.Delete(Path.Combine(disk.Path, "volume"), recursive: true);
        await using var server = await ServerHost.StartAsync(options);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Http.GetAsync(Routes.Ready)).StatusCode);
        using var admin = await server.SignInAsync();
        var volumes = (await admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items;
        Assert.Equal([true, false], volumes.Select(volume => volume.Online));
        Assert.False(Directory.Exists(Path.Combine(disk.Path, "volume")));
    }

    [Fact]
    public async Task Volume_of_another_server_is_refused_until_that_server_has_stopped()
    {
        using var disk = new TemporaryDirectory();
        await using var second = await BucketHost.StartAsync();
        await using (var first = await BucketHost.StartAsync())
        {
            await first.AddVolumeAsync(disk.Path);
            Assert.Equal("volume_owned", await RefusalAsync(second, disk.Path));
        }

        Assert.True((await second.AddVolumeAsync(disk.Path)).Online);
    }

    [Fact]
    public async Task Volume_is_taken_from_another_server_only_when_the_operator_says_so()
    {
        using var disk = new TemporaryDirectory();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var first = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Time = time });
        await using var second = await BucketHost.StartAsync();
        var volume = await first.AddVolumeAsync(disk.Path);
        Assert.Equal("volume_owned", await RefusalAsync(second, disk.Path));

        var taken = await BucketHost.PostAsync<VolumeInfo>(second.Admin, Routes.Volumes, new AddVolume(disk.Path, TakeOver: true));
        time.Advance(TimeSpan.FromSeconds(30));
        await first.Server.Service<VolumeProbeWork>().RunOnceAsync(CancellationToken.None);

        Assert.True(taken.Online);
        var lost = (await first.Admin.GetFromJsonAsync<VolumeInfo>(Routes.ToVolume(volume.Id)))!;
        Assert.Equal((false, true), (lost.Online, lost.UsedElsewhere));
        Assert.Contains("uses it", lost.Problem, StringComparison.Ordinal);
        using var moved = await first.Admin.PatchAsJsonAsync(Routes.ToVolume(volume.Id), new UpdateVolume(Path: disk.Path));
        Assert.Equal((HttpStatusCode.Conflict, "volume_owned"), (moved.StatusCode, await moved.CodeOfAsync()));
        using var back = await first.Admin.PatchAsJsonAsync(Routes.ToVolume(volume.Id), new UpdateVolume(TakeOver: true));
        var own = (await back.Content.ReadFromJsonAsync<VolumeInfo>())!;
        Assert.Equal((true, false), (own.Online, own.UsedElsewhere));
    }

    [Fact]
    public async Task No_writable_volume_is_507()
    {
        await using var host = await BucketHost.StartAsync();
        await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{(await FirstAsync(host)).Id}", new { mode = "read-only" });
        var blob = TestBlob.Of(BlobType.Data, 100, seed: 1);

        using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));

        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Volume_measurement_counts_what_is_on_it(TestDatabase database)
    {
        await using var host = await BucketHost.StartAsync(database);
        await PostAsync(host, seed: 1);
        await PostAsync(host, seed: 2);

        await host.Server.Service<VolumeMeasuringWork>().RunOnceAsync(CancellationToken.None);

        var volume = await FirstAsync(host);
        Assert.Equal((2000, 2), (volume.Bytes, volume.Files));
    }

    private static async Task<VolumeInfo> FirstAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0];

    private static async Task<string> RefusalAsync(BucketHost host, string path)
    {
        using var answer = await host.Admin.PostAsJsonAsync(Routes.Volumes, new AddVolume(path));
        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Conflict, answer.ToString());
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
    }

    private static async Task<TestBlob> PostAsync(BucketHost host, int seed)
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed);
        using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return blob;
    }

    private static async Task<int> StatusAsync(BucketHost host, HttpMethod method, string path)
    {
        using var answer = await host.Vault.SendAsync(new HttpRequestMessage(method, host.Url(path)));
        return (int)answer.StatusCode;
    }
}
