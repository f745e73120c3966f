using System.CommandLine;
using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Halley.Benchmarks.Client;

/// <summary><c>kernels</c>: what one thread does per second of processor time in each inner loop of the client.</summary>
internal static class KernelsCommand
{
    private static readonly Option<string> Only =
        new("--only") { Description = "Measure the kernels whose names contain this.", DefaultValueFactory = _ => "" };

    public static Command Create()
    {
        var command = new Command("kernels", "Measures the inner loops of the client: encryption, chunking, compression.") { Only };
        command.SetAction(arguments =>
        {
            Run(arguments.GetRequiredValue(Only));
            return 0;
        });
        return command;
    }

    private static void Run(string only)
    {
        Console.WriteLine(
            $"One thread, {(Avx2.IsSupported ? "" : "no ")}AVX2, per second of processor time. Before: the prototype, on an EPYC.\n");
        Console.WriteLine("| kernel | unit | median | best | before |\n|---|---|--:|--:|--:|");
        foreach (var kernel in Kernels.All().Where(kernel => kernel.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var samples = KernelsSamples.Take(kernel);
            var before = kernel.Before is { } figure ? Text(figure) : "–";
            Console.WriteLine($"| {kernel.Name} | {kernel.Unit} | {Text(samples.Median)} | {Text(samples.Best)} | {before} |");
        }
    }

    private static string Text(double number) => number.ToString(number < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
