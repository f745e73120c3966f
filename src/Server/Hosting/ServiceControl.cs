namespace Halley.Server.Hosting;

/// <summary>Ends the process on request of an administrator: for good, or so that whatever started it starts it again.</summary>
internal sealed class ServiceControl(IHostApplicationLifetime lifetime)
{
    public bool IsRestart { get; private set; }

    /// <summary>Requests under way are still answered, this one too.</summary>
    public void Stop() => lifetime.StopApplication();

    /// <summary>The same with <see cref="ExitCodes.Restart"/>.</summary>
    public void Restart()
    {
        IsRestart = true;
        lifetime.StopApplication();
    }
}
