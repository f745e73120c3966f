namespace Halley.Testing;

/// <summary>Debian's HAProxy with the shipped <c>deploy/haproxy.cfg.sample</c> before a server.</summary>
public sealed class HaProxy : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly int _httpPort = FreePort.Take();
    private readonly int _httpsPort = FreePort.Take();
    private OwnedProcess? _process;

    private HaProxy()
    {
    }

    public Uri Address => new($"https://127.0.0.1:{_httpsPort}");

    public Uri PlainAddress => new($"http://127.0.0.1:{_httpPort}");

    public string CertificateFile { get; private set; } = "";

    public string Output => _process?.Output ?? "";

    public static Task<HaProxy> StartAsync(Uri upstream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        return StartAsync(new SampleFile("deploy/haproxy.cfg.sample").With("127.0.0.1:8060", upstream.Authority));
    }

    /// <summary>Before two instances, with <c>deploy/multi-node/haproxy.cfg.sample</c>. The first has the storage.</summary>
    public static Task<HaProxy> StartAsync(Uri first, Uri second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return StartAsync(
            new SampleFile("deploy/multi-node/haproxy.cfg.sample").With("halley-1:8060", first.Authority)
                .With("halley-2:8060", second.Authority));
    }

    private static async Task<HaProxy> StartAsync(SampleFile sample)
    {
        var proxy = new HaProxy();
        try
        {
            proxy.WriteConfiguration(sample);
            proxy._process = OwnedProcess.Start(
                Tools.Require("haproxy", "haproxy"), ["-db", "-f", proxy._directory.Combine("haproxy.cfg")]);
            await proxy._process.WaitUntilAsync("HAProxy listens", StartDeadline, () => PortProbe.ListensAsync(proxy._httpsPort));
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }

    private void WriteConfiguration(SampleFile sample)
    {
        var certificate = new TestCertificate(_directory.Path);
        CertificateFile = certificate.CertificateFile;
        sample.With("bind :::80 v4v6", $"bind 127.0.0.1:{_httpPort}")
            .With("bind :::443 v4v6", $"bind 127.0.0.1:{_httpsPort}")
            .With("/etc/haproxy/certs/halley.pem", certificate.BundleFile);
        if (!Environment.IsPrivilegedProcess)
        {
            // Only root can drop root's privileges.
            sample.With("user haproxy", "").With("group haproxy", "").With("chroot /var/lib/haproxy", "");
        }

        sample.WriteTo(_directory.Combine("haproxy.cfg"));
    }
}
