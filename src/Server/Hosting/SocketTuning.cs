namespace Halley.Server.Hosting;

/// <summary>Configures the threads that serve sockets and disks. Must run before the first socket is created.</summary>
internal static class SocketTuning
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Requests may block on the disk (a flush takes milliseconds). With enough threads, the pool does not delay them by adding each thread
    /// only after half a second.
    /// </summary>
    private const int LeastThreads = 64;

    public static void Apply()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, LeastThreads), completions);
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
        {
            // The thread that sees data arrive also delivers it, which saves one hop. Requests still run on the pool, so a request that
            // waits for a disk cannot block the sockets.
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        }
    }
}
