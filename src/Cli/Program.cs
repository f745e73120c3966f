using System.Runtime.InteropServices;

namespace Halley.Cli;

/// <summary>The command <c>halley</c>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        using var interrupted = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Interrupt(context, interrupted));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Interrupt(context, interrupted));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Interrupt(context, interrupted));
        return await HalleyCommand.RunAsync(arguments, interrupted.Token);
    }

    // The first signal ends the work in order, so that the lock of the vault is released; a second one ends the process.
    private static void Interrupt(PosixSignalContext context, CancellationTokenSource interrupted)
    {
        if (!interrupted.IsCancellationRequested)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }
    }
}
