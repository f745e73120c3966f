using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Halley.Testing;

/// <summary>A private PostgreSQL cluster from Debian's package, in a temporary directory and without fsync.</summary>
internal static class LocalPostgres
{
    private const string InstallLine = "apt-get install -y postgresql";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // The shell stays beside the server and stops it when the test process ends, even if that was killed.
    private const string Keeper = """
        "$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off \
          -c full_page_writes=off -c max_connections=300 -c max_wal_size=256MB </dev/null >"$2/log" 2>&1 &
        server=$!
        while [ -d "/proc/$4" ] && kill -0 $server 2>/dev/null; do sleep 0.5; done
        kill -INT $server 2>/dev/null
        wait $server
        rm -rf "$2"
        """;

    public static async Task<string> StartAsync()
    {
        var binaries = FindBinaries();
        var directory = Directory.CreateTempSubdirectory("halley-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres", directory]);
        }

        var port = FreePort();
        var initialize = AsPostgres(
            $"{binaries}/initdb", "-D", $"{directory}/data", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8",
            "--locale=C.UTF-8");
        await RunAsync(initialize[0], initialize[1..]);
        var keep = AsPostgres(
            "sh", "-c", Keeper, "keeper", binaries, directory, port.ToString(CultureInfo.InvariantCulture),
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Process.Start(keep[0], keep[1..]).Dispose();
        var connectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Include Error Detail=true";
        await WaitAsync(connectionString, $"{directory}/log");
        return connectionString;
    }

    private static string FindBinaries() =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(path => Path.Combine(path, "bin"))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")))
        ?? throw new InvalidOperationException(
            $"These tests need a PostgreSQL: {InstallLine}   (or set {PostgresCluster.Variable} to a connection string, or start Docker)");

    // PostgreSQL refuses to run as root.
    private static string[] AsPostgres(params string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command] : command;

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {await output}{errors}");
        }
    }

    private static async Task WaitAsync(string connectionString, string log)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await PostgresCluster.ExecuteAsync(connectionString, "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < StartLimit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
            catch (NpgsqlException problem)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(log)}", problem);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
