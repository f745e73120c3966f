using System.Diagnostics;

namespace Halley.Testing;

/// <summary>Debian's nginx with the shipped <c>nginx.conf.sample</c> before a server.</summary>
public sealed class NginxProxy : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly int _httpPort = FreePort.Take();
    private readonly int _httpsPort = FreePort.Take();
    private OwnedProcess? _process;

    private NginxProxy()
    {
    }

    public Uri Address => new($"https://127.0.0.1:{_httpsPort}");

    public Uri PlainAddress => new($"http://127.0.0.1:{_httpPort}");

    public string CertificateFile { get; private set; } = "";

    public string Output => _process?.Output ?? "";

    /// <param name="upstream">The server.</param>
    /// <param name="idleSeconds">Seconds after which a silent connection is cut; null for the value in the sample.</param>
    public static Task<NginxProxy> StartAsync(Uri upstream, int? idleSeconds = null)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        var sample = new SampleFile("nginx.conf.sample").With("127.0.0.1:8060", upstream.Authority);
        if (idleSeconds is { } seconds)
        {
            sample.With("proxy_read_timeout    3000;", $"proxy_read_timeout {seconds}s;")
                .With("proxy_send_timeout    3000;", $"proxy_send_timeout {seconds}s;");
        }

        return StartAsync(sample);
    }

    /// <summary>Before two instances, with <c>deploy/multi-node/nginx.conf.sample</c>. The first has the storage.</summary>
    public static Task<NginxProxy> StartAsync(Uri first, Uri second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return StartAsync(
            new SampleFile("deploy/multi-node/nginx.conf.sample").With("halley-1:8060", first.Authority)
                .With("halley-2:8060", second.Authority));
    }

    private static async Task<NginxProxy> StartAsync(SampleFile sample)
    {
        var proxy = new NginxProxy();
        try
        {
            proxy.WriteConfiguration(sample);
            proxy._process = OwnedProcess.Start(
                Tools.Require("nginx", "nginx-light"),
                ["-p", proxy._directory.Path, "-c", proxy._directory.Combine("nginx.conf"), "-e", "stderr"]);
            await proxy._process.WaitUntilAsync("nginx listens", StartDeadline, () => PortProbe.ListensAsync(proxy._httpsPort));
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
        var (ssl, http2) = HasHttp2Directive() ? ("ssl", "http2 on;") : ("ssl http2", "");
        sample.With("listen 80;", $"listen 127.0.0.1:{_httpPort};").With("listen [::]:80;", "")
            .With("listen 443 ssl;", $"listen 127.0.0.1:{_httpsPort} {ssl};").With("listen [::]:443 ssl;", "").With("http2 on;", http2)
            .With("/etc/nginx/halley/fullchain.pem", certificate.CertificateFile)
            .With("/etc/nginx/halley/privkey.pem", certificate.KeyFile);
        sample.WriteTo(_directory.Combine("halley.conf"));
        File.WriteAllText(_directory.Combine("nginx.conf"), MainFile());
    }

    // The sample is for today's nginx and says what to write for an older one.
    private static bool HasHttp2Directive()
    {
        using var version =
            Process.Start(new ProcessStartInfo(Tools.Require("nginx", "nginx-light"), ["-v"]) { RedirectStandardError = true })!;
        var shown = version.StandardError.ReadToEnd(); // nginx version: nginx/1.22.1
        return Version.Parse(shown.Trim().Split('/')[^1].Split(' ')[0]) >= new Version(1, 25, 1);
    }

    // What Debian's /etc/nginx/nginx.conf does around /etc/nginx/conf.d/*.conf, with every path inside the directory of the test.
    private string MainFile() => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes 2;
        pid {{_directory.Combine("nginx.pid")}};
        error_log stderr warn;
        events { worker_connections 512; }
        http {
            access_log off;
            sendfile on;
            client_body_temp_path {{_directory.Combine("body")}};
            proxy_temp_path {{_directory.Combine("proxy")}};
            fastcgi_temp_path {{_directory.Combine("fastcgi")}};
            uwsgi_temp_path {{_directory.Combine("uwsgi")}};
            scgi_temp_path {{_directory.Combine("scgi")}};
            include {{_directory.Combine("halley.conf")}};
        }
        """;
}
