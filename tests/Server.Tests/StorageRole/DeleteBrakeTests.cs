using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>When the brake works, and the way back from many deletes: a task.</summary>
public sealed class DeleteBrakeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 30, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(100, 0, 1000)] // few files
    [InlineData(10_000, 0, 2500)] // a quarter of what there was
    [InlineData(10_000, 500, 5000)] // ten times the usual
    public void Brake_works_beyond_the_largest_of_three_numbers(long files, double usual, int allowed)
    {
        var brake = new DeleteBrake(_time) { Usual = usual };

        var deleted = 0;
        while (brake.TryCount(files - Math.Min(files, deleted)))
        {
            deleted++;
        }

        Assert.Equal(allowed, deleted);
        brake.Release();
        Assert.True(brake.TryCount(files));
    }

    [Fact]
    public void Brake_counts_the_last_24_hours_and_the_history_whole_days()
    {
        var brake = new DeleteBrake(_time);
        for (var hour = 0; hour < 30; hour++)
        {
            for (var i = 0; i < 40; i++)
            {
                Assert.True(brake.TryCount(100)); // 960 in 24 hours
            }

            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal([(new DateOnly(2030, 1, 1), 960), (new DateOnly(2030, 1, 2), 240)],
            brake.Days.OrderBy(day => day.Key).Select(day => (day.Key, (int)day.Value)));
        Assert.True(Enumerable.Range(0, 80).All(_ => brake.TryCount(100)));
        Assert.False(brake.TryCount(100));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(brake.TryCount(100));
    }

    [Fact]
    public async Task Many_files_are_given_back_by_a_task()
    {
        await using var host = await BucketHost.OnAsync(shared);
        (await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{host.Id}", new UpdateBucket(HoldDays: 3))).EnsureSuccessStatusCode();
        var blob = TestBlob.Of(BlobType.Data, 900, 1);
        (await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content))).EnsureSuccessStatusCode();
        (await host.Vault.DeleteAsync(host.Url(blob.Name.ToString()))).EnsureSuccessStatusCode();

        var request = new RestoreTrash([blob.Name.ToString(), .. Enumerable.Range(0, 1000).Select(i => $"data/{i:x64}")]);
        var task = (await BucketHost.PostAsync<TrashRestored>(host.Admin, $"/api/v2/buckets/{host.Id}/trash/restore", request)).Task!;
        Assert.Equal(("restore-trash", host.Id), (task.Kind, task.Subject));
        await Eventually.HoldsAsync("the files are back", TimeSpan.FromSeconds(30), async () =>
            (await host.Admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{task.Id}"))!.State == TaskState.Done);

        Assert.Equal(blob.Content, await host.Vault.GetByteArrayAsync(host.Url(blob.Name.ToString())));
        Assert.Equal((900, 1, 0), await UsageAsync());

        async Task<(long, long, long)> UsageAsync()
        {
            var bucket = (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!;
            return (bucket.Bytes, bucket.Files, bucket.Protection.TrashFiles);
        }
    }
}
