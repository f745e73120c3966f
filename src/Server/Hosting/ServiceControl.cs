namespace Halley.Server.Hosting;

/// <summary>Ends the process on request of an administrator, for good or for a restart by its supervisor.</summary>
internal sealed class ServiceControl(IHostApplicationLifetime lifetime)
{
    public bool IsRestart { get; private set; }

    /// <summary>Stops the server. Requests in progress are still served, including this one.</summary>
    public void Stop() => lifetime.StopApplication();

    /// <summary>Stops the server with <see cref="ExitCodes.Restart"/>.</summary>
    public void Restart()
    {
        IsRestart = true;
        lifetime.StopApplication();
    }
}
