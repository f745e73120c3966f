using System.Net.Security;

namespace Halley.Server.Hosting;

/// <summary>
/// The certificate in use. It is read again while the server runs, because programs such as certbot renew it in place; connections that are
/// open keep the one they began with.
/// </summary>
internal sealed class TlsCertificates
{
    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _loading = new();
    private volatile InUse? _current;
    private string? _refused;

    /// <exception cref="StartRefusedException">The certificate of the settings cannot be used.</exception>
    public TlsCertificates(TlsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _current = TlsCertificate.Load(options) is { } first ? new InUse(first) : null;
    }

    /// <summary>UTC time at which it expires; null without a certificate.</summary>
    public DateTime? ExpiresAt => _current?.Certificate.Certificate.NotAfter.ToUniversalTime();

    /// <summary>Raised for a renewed certificate, with null, and for one that cannot be used, with the reason.</summary>
    public event Func<TlsCertificate?, string?, Task>? Changed;

    /// <summary>Presents the certificate that is current when a connection begins.</summary>
    public void Present(SslServerAuthenticationOptions connection) =>
        connection.ServerCertificateContext = _current?.Context ?? connection.ServerCertificateContext;

    public TlsCertificate? Current => _current?.Certificate;

    /// <summary>Reads the files again. A certificate that cannot be used changes nothing, and is reported once.</summary>
    public Task ReloadAsync()
    {
        lock (_loading)
        {
            if (_current is not { } current)
            {
                return Task.CompletedTask;
            }

            TlsCertificate? found = null;
            var problem = TryLoad(ref found);
            if (problem is null && found!.IsSame(current.Certificate))
            {
                _refused = null;
                return Task.CompletedTask;
            }

            if (problem is not null && problem == _refused)
            {
                return Task.CompletedTask;
            }

            _refused = problem;
            _current = problem is null ? new InUse(found!) : current;
            return Changed?.Invoke(problem is null ? found : null, problem) ?? Task.CompletedTask;
        }
    }

    private string? TryLoad(ref TlsCertificate? found)
    {
        try
        {
            found = TlsCertificate.Load(_options)!;
            return found.Certificate.NotAfter.ToUniversalTime() <= _time.GetUtcNow().UtcDateTime
                ? $"The certificate of Halley:Tls has expired at {found.Certificate.NotAfter.ToUniversalTime():u}."
                : null;
        }
        catch (StartRefusedException problem)
        {
            return problem.Message;
        }
    }

    private sealed class InUse(TlsCertificate certificate)
    {
        public TlsCertificate Certificate => certificate;

        /// <summary>With the intermediates of the file, never with ones from the internet.</summary>
        public SslStreamCertificateContext Context { get; } =
            SslStreamCertificateContext.Create(certificate.Certificate, certificate.Chain, offline: true);
    }
}
