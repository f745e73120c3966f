using System.Net;
using Halley.Protocol;
using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Server.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>How many bytes pass in how much time, on a clock that only the test moves.</summary>
public sealed class SharedRateTests
{
    private const int Rate = 1_000_000;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 15, 7, 59, 50, TimeSpan.Zero));
    private readonly LimitsInForce _limits;

    public SharedRateTests() => _limits = new LimitsInForce(new ForegroundLoad(_time), _time);

    [Fact]
    public Task Connections_share_a_limit_alike_and_exceed_it_never_together() => OnItsOwnAsync(() =>
    {
        _limits.Replace([Limit(Rate)]);
        var flows = Enumerable.Range(0, 5).Select(i => new Flow(_limits, "box", "10.0.0.1", isUpload: i % 2 == 0)).ToList();
        Pass(TimeSpan.FromSeconds(10));

        var total = flows.Sum(flow => flow.Bytes);
        Assert.InRange(total, 9.8 * Rate, 10.3 * Rate);
        Assert.All(flows, flow => Assert.InRange(flow.Bytes, total * 0.18, total * 0.23)); // the first of them had what was saved up before
        Assert.Equal(0, Start("other").WaitsAfter); // nobody else is slowed down
    });

    [Fact]
    public Task Lowest_of_several_limits_wins() => OnItsOwnAsync(() =>
    {
        _limits.Replace([Limit(Rate), Limit(Rate / 4, network: "10.0.0.0/8"), Limit(2 * Rate, network: "0.0.0.0/0"),
            Limit(Rate / 100, direction: BandwidthDirection.Download)]);
        var (inside, outside, down) = (Start("box"), Start("box", "192.0.2.1"), new Flow(_limits, "box", "192.0.2.1", isUpload: false));
        Pass(TimeSpan.FromSeconds(10));

        Assert.InRange(inside.Bytes, 2.4 * Rate, 2.6 * Rate);
        Assert.InRange(down.Bytes, 0.09 * Rate, 0.12 * Rate);
        Assert.InRange(inside.Bytes + outside.Bytes + down.Bytes, 9.5 * Rate, 10.3 * Rate);
    });

    [Fact]
    public Task Change_counts_for_what_is_running_and_others_go_on_as_they_were() => OnItsOwnAsync(() =>
    {
        var (first, second) = (Limit(Rate), Limit(Rate, "other"));
        _limits.Replace([first, second]);
        var (flow, other) = (Start("box"), Start("other"));
        Pass(TimeSpan.FromSeconds(5));
        var before = flow.Bytes;

        _limits.Replace([Limit(4 * Rate, id: first.Id), second]);
        Pass(TimeSpan.FromSeconds(5));
        Assert.InRange(before, 4.8 * Rate, 5.3 * Rate);
        Assert.InRange(flow.Bytes - before, 19 * Rate, 21.5 * Rate);
        Assert.InRange(other.Bytes, 9.8 * Rate, 10.3 * Rate);

        _limits.Replace([second]);
        Pass(TimeSpan.FromMilliseconds(500));
        Assert.True(flow.IsFree); // within the half second that a wait lasts at most
        Assert.False(other.IsFree);
        _limits.Replace([]);
        Pass(TimeSpan.FromMilliseconds(500));
        Assert.True(other.IsFree);
        Assert.Null(_limits.Throttle("box", IPAddress.Loopback, isUpload: true));
    });

    [Fact]
    public Task Schedule_begins_and_ends_within_a_second_while_files_flow() => OnItsOwnAsync(() =>
    {
        var limit = Limit(Rate);
        (limit.TimeZone, limit.FromMinute, limit.ToMinute) = ("UTC", 8 * 60, (8 * 60) + 1);
        var wide = Limit(10 * Rate);
        _limits.Replace([limit, wide]);
        var flow = Start("box");
        Pass(TimeSpan.FromSeconds(10)); // up to eight o'clock
        var before = flow.Bytes;
        Pass(TimeSpan.FromSeconds(60));
        var within = flow.Bytes - before;
        Pass(TimeSpan.FromSeconds(10));

        Assert.InRange(before, 98 * Rate, 103 * Rate);
        Assert.InRange(within, 59 * Rate, 62 * Rate);
        Assert.InRange(flow.Bytes - before - within, 97 * Rate, 104 * Rate);
    });

    private static BandwidthLimit Limit(
        long rate, string? bucketId = null, string? network = null, BandwidthDirection direction = BandwidthDirection.Both,
        Guid? id = null) => new()
        {
            Id = id ?? Guid.NewGuid(),
            CreatedAt = DateTime.UnixEpoch,
            BucketId = network is null ? bucketId ?? "box" : null,
            Network = network,
            Direction = direction,
            BytesPerSecond = rate,
        };

    // Without the context of the test runner, waits end within the step of the clock that ends them: nothing here depends on the machine.
    private static Task OnItsOwnAsync(Action test) => Task.Run(test);

    private Flow Start(string bucketId, string client = "10.0.0.1") => new(_limits, bucketId, client, isUpload: true);

    private void Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            _time.Advance(Step);
        }
    }

    /// <summary>A connection that always has more to send, until nothing limits it.</summary>
    private sealed class Flow
    {
        private const int Block = 64 * 1024;
        private const int MostAtOnce = 1000;

        public Flow(LimitsInForce limits, string bucketId, string client, bool isUpload) =>
            _ = RunAsync(limits.Throttle(bucketId, IPAddress.Parse(client), isUpload)!);

        public long Bytes { get; private set; }

        public int WaitsAfter { get; private set; }

        public bool IsFree { get; private set; }

        private async Task RunAsync(Throttle throttle)
        {
            for (var atOnce = 0; atOnce < MostAtOnce; atOnce++)
            {
                var slice = throttle.Slice(Block);
                var pass = throttle.PassAsync(slice, CancellationToken.None);
                if (!pass.IsCompleted)
                {
                    (atOnce, WaitsAfter) = (0, WaitsAfter + 1);
                }

                await pass;
                Bytes += slice;
            }

            IsFree = true;
        }
    }
}
