using System.Diagnostics;

namespace Halley.Benchmarks.Live;

/// <summary>All devices, with their heart-beats.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly SocketsHttpHandler _handler = new() { MaxConnectionsPerServer = int.MaxValue };
    private readonly List<Task> _running;

    public SimulatedFleet(Uri server, string[] keys)
    {
        Devices = [.. keys.Select(key => new SimulatedDevice(server, key, _handler))];
        _running = [.. Devices.Select(device => Task.Run(() => device.RunAsync(_stop.Token))), Task.Run(BeatAsync)];
    }

    public IReadOnlyList<SimulatedDevice> Devices { get; }

    public int Attached => Devices.Count(device => device.ConnectionId is not null);

    /// <summary>Seconds until all are attached.</summary>
    public async Task<double> AttachAsync(TimeSpan longest)
    {
        var clock = Stopwatch.StartNew();
        while (Attached < Devices.Count)
        {
            if (clock.Elapsed > longest)
            {
                throw new TimeoutException($"{Attached} of {Devices.Count} devices are attached after {clock.Elapsed.TotalSeconds:0} s.");
            }

            await Task.Delay(50);
        }

        return clock.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var device in Devices)
        {
            device.Dispose();
        }

        _handler.Dispose();
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        for (var second = 0; !_stop.IsCancellationRequested; second++)
        {
            for (var device = 0; device < Devices.Count; device++)
            {
                if ((second + device) % Devices[device].BeatSeconds == 0)
                {
                    await Devices[device].BeatAsync();
                }
            }

            await Task.Delay(Second, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
