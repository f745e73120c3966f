namespace Halley.Server.Hosting;

/// <summary>How threads serve sockets and disks. Must be set before the first socket is made.</summary>
internal static class SocketTuning
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Requests may wait for the disk (a flush takes milliseconds) without the pool taking half a second to add each thread.
    /// </summary>
    private const int LeastThreads = 64;

    public static void Apply()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, LeastThreads), completions);
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
        {
            // What arrives is handed over by the thread that saw it arrive, one hop less. Requests still run on the pool, so that none
            // that waits for a disk can hold up the sockets.
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        }
    }
}
