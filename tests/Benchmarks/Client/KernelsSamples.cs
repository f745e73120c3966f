namespace Halley.Benchmarks.Client;

/// <summary>
/// Figures per second of processor time, not of the clock: other programs on the machine then change them by a few per cent instead of by a
/// multiple.
/// </summary>
internal readonly record struct KernelsSamples(double Median, double Best)
{
    private const int Rounds = 9;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500), Sample = TimeSpan.FromMilliseconds(150);

    public static KernelsSamples Take(Kernel kernel)
    {
        // Long enough for the just-in-time compiler to come to its last version.
        Measure(kernel, WarmUp);
        var samples = Enumerable.Range(0, Rounds).Select(_ => Measure(kernel, Sample)).Order().ToList();
        return new KernelsSamples(samples[Rounds / 2], samples[^1]);
    }

    private static double Measure(Kernel kernel, TimeSpan least)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (var done = 0.0; ;)
        {
            done += kernel.Run();
            var spent = Environment.CpuUsage.TotalTime - start;
            if (spent >= least)
            {
                return done / spent.TotalSeconds;
            }
        }
    }
}
