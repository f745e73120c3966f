using System.Diagnostics;
using Halley.Benchmarks.Load;

namespace Halley.Benchmarks.Volumes;

/// <summary>A client at work beside something else: small files up and down over one connection each, every request timed.</summary>
internal sealed class Foreground(Target target)
{
    private const int Size = 64 << 10;
    private const int Files = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Milliseconds that each request took, until <paramref name="isOver"/>.</summary>
    public (IReadOnlyList<double> Uploads, IReadOnlyList<double> Downloads) MeasureUntil(Func<bool> isOver)
    {
        var contents = new Contents(Size, Files);
        LoadRun.Once(target, Operation.Upload, contents, connections: 2);
        using var connection = new Connection(target);
        var (uploads, downloads) = (new List<double>(), new List<double>());
        do
        {
            var fresh = new Contents(Size, count: 10);
            for (var index = 0; index < fresh.Count; index++)
            {
                var file = index;
                uploads.Add(Time(() => connection.Send(
                    target.Head(
                        target.UploadMethod, fresh.Names[file], $"Content-Type: application/octet-stream\r\nContent-Length: {Size}\r\n"),
                    fresh.StampOf(file), fresh.Tail)));
                var name = contents.Names[(uploads.Count * 7) % Files];
                downloads.Add(Time(() => connection.Send(target.Head("GET", name), answerHasBody: true)));
                Thread.Sleep(Pause);
            }

            LoadRun.Once(target, Operation.Delete, fresh, connections: 1);
        }
        while (!isOver());
        LoadRun.Once(target, Operation.Delete, contents, connections: 2);
        return (uploads, downloads);
    }

    private static double Time(Func<int> send)
    {
        var start = Stopwatch.GetTimestamp();
        var status = send();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return status is >= 200 and <= 299
            ? elapsed
            : throw new InvalidOperationException($"A request beside the work was answered with {status}.");
    }
}
