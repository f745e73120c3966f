using System.Runtime.InteropServices;

namespace Halley.Server.Hosting;

/// <summary>
/// The signal that asks a service to look at its files again (<c>kill -HUP</c>, <c>systemctl reload</c>): the certificate, and the log
/// file, which logrotate may have moved. Without this it would end the process.
/// </summary>
internal sealed partial class HangUp(TlsCertificates certificates, LogSink log, ILogger<HangUp> logger) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            log.Reopen();
            LogReloaded();
            _ = ReloadCertificatesAsync();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registration?.Dispose();

    private async Task ReloadCertificatesAsync()
    {
        try
        {
            await certificates.ReloadAsync();
        }
#pragma warning disable CA1031 // the boundary of the signal: nobody waits for its end
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogFailed(problem);
        }
    }

    [LoggerMessage(LogEvents.HangUpFailed, LogLevel.Error, "What became of the certificate could not be recorded")]
    private partial void LogFailed(Exception problem);

    [LoggerMessage(LogEvents.HangUp, LogLevel.Information, "The certificate and the log file are read and opened again")]
    private partial void LogReloaded();
}
