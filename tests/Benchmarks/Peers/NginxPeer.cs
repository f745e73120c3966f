using Halley.Benchmarks.Load;

namespace Halley.Benchmarks.Peers;

/// <summary>nginx as a WebDAV server on a plain directory: it neither hashes nor flushes, so it shows what the machine can move.</summary>
internal sealed class NginxPeer : MeasuredServer
{
    public const string PeerName = "nginx";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);

    private readonly OwnedProcess _process;

    private NginxPeer(OwnedProcess process, int port)
    {
        _process = process;
        Target = new Target(new Uri($"http://127.0.0.1:{port}"), "/data/", UploadMethod: "PUT");
    }

    public override string Name => PeerName;

    public override Target Target { get; }

    public override int? ProcessId => _process.Id;

    public static async Task<NginxPeer> StartAsync(string directory)
    {
        var port = FreePort.Take();
        var file = Path.Combine(directory, "nginx.conf");
        Directory.CreateDirectory(Path.Combine(directory, "files", "data"));
        await File.WriteAllTextAsync(file, Configuration(directory, port));
        var process = OwnedProcess.Start(Tools.Require("nginx", "nginx-light"), ["-p", directory, "-c", file, "-e", "stderr"]);
        await process.WaitUntilAsync("nginx listens", StartDeadline, () => PortProbe.ListensAsync(port));
        return new NginxPeer(process, port);
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();

    // Bodies wait on the file system they end on, so that a finished upload is renamed, not copied.
    private static string Configuration(string directory, int port) => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes {{Environment.ProcessorCount}};
        pid {{directory}}/nginx.pid;
        error_log stderr crit;
        events { worker_connections 512; }
        http {
            access_log off;
            sendfile on;
            keepalive_requests 1000000000;
            client_max_body_size 0;
            client_body_temp_path {{directory}}/body;
            proxy_temp_path {{directory}}/proxy;
            fastcgi_temp_path {{directory}}/fastcgi;
            uwsgi_temp_path {{directory}}/uwsgi;
            scgi_temp_path {{directory}}/scgi;
            server {
                listen 127.0.0.1:{{port}};
                root {{directory}}/files;
                location / { dav_methods PUT DELETE; }
            }
        }
        """;
}
