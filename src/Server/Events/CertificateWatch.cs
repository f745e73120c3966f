using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Events;

/// <summary>Looks every minute whether the certificate was renewed, and records what became of it.</summary>
internal sealed partial class CertificateWatch : IDisposable
{
    private readonly TlsCertificates _certificates;
    private readonly IDbContextFactory<ServerDbContext> _databases;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateWatch> _logger;

    public CertificateWatch(
        TlsCertificates certificates, IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<CertificateWatch> logger)
    {
        (_certificates, _databases, _time, _logger) = (certificates, databases, time, logger);
        certificates.Changed += RecordAsync;
    }

    public Task RunOnceAsync(CancellationToken cancellationToken) => _certificates.ReloadAsync().WaitAsync(cancellationToken);

    public void Dispose() => _certificates.Changed -= RecordAsync;

    private async Task RecordAsync(TlsCertificate? renewed, string? problem)
    {
        if (renewed is not null)
        {
            LogRenewed(renewed.Certificate.Subject, renewed.Certificate.NotAfter.ToUniversalTime());
        }
        else
        {
            LogRefused(problem!);
        }

        await using var database = await _databases.CreateDbContextAsync();
        object facts = renewed is null
            ? new { Problem = problem, KeptUntil = _certificates.ExpiresAt }
            : new { renewed.Certificate.Subject, NotAfter = renewed.Certificate.NotAfter.ToUniversalTime() };
        database.Add(EventRecord.Of(
            renewed is null ? StreamableEventType.CertificateRefused : StreamableEventType.CertificateRenewed, _time.GetUtcNow(), actor: "",
            organizationId: "", resourceId: "", JsonSerializer.Serialize(facts)));
        await database.SaveChangesAsync();
    }

    [LoggerMessage(
        LogEvents.CertificateRenewed, LogLevel.Information, "The renewed certificate {Subject}, valid until {NotAfter:u}, is used")]
    private partial void LogRenewed(string subject, DateTime notAfter);

    [LoggerMessage(LogEvents.CertificateRefused, LogLevel.Error, "The old certificate stays in use: {Problem}")]
    private partial void LogRefused(string problem);
}
