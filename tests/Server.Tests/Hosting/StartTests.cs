using Halley.Server.Hosting;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

public class StartTests
{
    [Fact]
    public async Task Every_wrong_setting_of_every_folder_is_shown_at_once()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, output, errors) = await ServerProgram.RunAsync(
            directory.Path,
            [
                "--Halley:Credentials:WorkFactor=99", "--Halley:Credentials:FailureDelay=soon", "--Halley:Database:Provider=Oracle",
                "--Halley:TrustedProxies:0=10.0.0.0/8", "--Halley:TrustedProxies:1=everybody", "--Halley:Sessions:IdleMinutes=0",
                "--Halley:Tls:CertificatePath=/nowhere/cert.pem", "--Halley:Databse:Provider=Sqlite", "--Halley:Storage:Flush:0=None",
                "--urls=nonsense;http://127.0.0.1:80000", $"--Halley:FirstAdmin:PasswordFile={directory.Path}",
            ],
            environment: new() { ["Halley__FirstAdmin__Password"] = "hidden-secret", ["Halley__PublicUrl"] = "ftp://x" });

        Assert.Equal(ExitCodes.WrongSettings, exitCode);
        foreach (var key in new[]
        {
            "Halley:Credentials:WorkFactor: must be a whole number from 4 to 16", "Halley:Credentials:FailureDelay: must be a time span",
            "Halley:Database:Provider: must be one of Sqlite, PostgreSql", "Halley:TrustedProxies:1: must be",
            "Halley:Sessions:IdleMinutes: must be",
            "Halley:Tls:CertificatePath: must be", "Halley:Databse:Provider: is not a setting", "Halley:FirstAdmin:Username: must be",
            "Halley:PublicUrl: must be", "Halley:Storage:Flush: must be one of", "urls: must be addresses", "which nonsense is not",
            "which http://127.0.0.1:80000 is not", "Halley:FirstAdmin:PasswordFile: must be a file",
        })
        {
            Assert.Contains(key, errors, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("TrustedProxies:0:", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-secret", errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory.Path, "halley-data")));
    }

    [Fact]
    public async Task Text_for_a_list_and_https_without_a_certificate_are_wrong_settings()
    {
        using var directory = new TemporaryDirectory();

        var (exitCode, _, errors) =
            await ServerProgram.RunAsync(directory.Path, ["--Halley:TrustedProxies=127.0.0.1", "--urls=https://127.0.0.1:0"]);

        Assert.Equal(ExitCodes.WrongSettings, exitCode);
        Assert.Contains(
            "Halley:TrustedProxies: must be a list, whose first entry is Halley:TrustedProxies:0", errors, StringComparison.Ordinal);
        Assert.Contains("Halley:Tls:CertificatePath: must be given", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_shows_address_data_directory_and_set_up_link_and_keeps_its_data_in_the_working_directory()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await ServerProgram.StartAsync(directory.Path);
        var data = Path.Combine(directory.Path, "halley-data");
        var token = File.ReadAllText(Path.Combine(data, "setup-token")).Trim();

        Assert.Contains(server.Lines, line => line.EndsWith($"{server.Address}setup?token={token}", StringComparison.Ordinal));
        Assert.Contains(server.Lines, line => line.EndsWith(data, StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data));
        using var http = new HttpClient { BaseAddress = server.Address };
        Assert.Equal("{\"status\":\"ok\"}", await http.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
        Assert.Contains("\"database\":\"ok\"", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_data_directory_are_private_and_a_start_repairs_them()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Everybody = (UnixFileMode)0x1FF;
        using var directory = new TemporaryDirectory();
        var data = Directory.CreateDirectory(Path.Combine(directory.Path, "halley-data"), Everybody);
        File.WriteAllText(Path.Combine(data.FullName, "old.db"), "");
        foreach (var path in new[] { data.FullName, Path.Combine(data.FullName, "old.db") })
        {
            File.SetUnixFileMode(path, Everybody);
        }

        await using (await ServerProgram.StartAsync(directory.Path))
        {
            var open = data.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(data)
                .Where(entry => (entry.UnixFileMode & (UnixFileMode)0x3F) != 0).Select(entry => entry.FullName);
            Assert.Empty(open);
        }
    }

    [Fact]
    public async Task Address_in_use_is_one_line()
    {
        using var directory = new TemporaryDirectory();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var (exitCode, _, errors) = await ServerProgram.RunAsync(directory.Path, ["--urls", $"http://{taken.LocalEndpoint}"]);

        Assert.Equal(ExitCodes.AddressUnusable, exitCode);
        Assert.Contains("--urls", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls=http://192.0.2.1:80", ExitCodes.AddressUnusable, "--urls")]
    [InlineData("file:appsettings.json", ExitCodes.WrongSettings, "appsettings.json")]
    [InlineData("file:halley-data/halley.db", ExitCodes.DatabaseRefused, "halley.db cannot be used: it is not a database")]
    [InlineData("file:halley-data/logs", ExitCodes.WrongSettings, "halley-data/logs")]
    [InlineData("file:halley-data/volume-1", ExitCodes.WrongSettings, "halley-data/volume-1")]
    public async Task Whatever_prevents_a_start_is_one_line_that_names_it(string mistake, int exitCode, string named)
    {
        using var directory = new TemporaryDirectory();
        string[] arguments = ["--urls=http://127.0.0.1:0"];
        if (mistake.StartsWith("file:", StringComparison.Ordinal))
        {
            Directory.CreateDirectory(directory.Combine("halley-data"));
            directory.File(mistake[5..], "{ this is neither JSON nor a database nor a directory");
        }
        else
        {
            arguments = [mistake];
        }

        var (code, output, errors) = await ServerProgram.RunAsync(directory.Path, arguments);

        Assert.Equal(exitCode, code);
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.StartsWith("Halley does not start: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", errors + output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", 0, "--Halley:Storage:Flush")]
    [InlineData("--version", 0, "Halley ")]
    [InlineData("serve", ExitCodes.WrongSettings, "serve: is not a command")]
    [InlineData("--frobnicate=1", ExitCodes.WrongSettings, "--frobnicate: is not an option")]
    [InlineData("--Halley:DataDirectory", ExitCodes.WrongSettings, "--Halley:DataDirectory: needs a value")]
    public async Task Argument_that_is_no_setting_is_answered_and_starts_nothing(string argument, int exitCode, string answer)
    {
        using var directory = new TemporaryDirectory();

        var (code, output, errors) = await ServerProgram.RunAsync(directory.Path, [argument, "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(exitCode, code);
        Assert.Contains(answer, exitCode == 0 ? output : errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task Unreachable_database_is_one_line_without_the_password()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, _, errors) = await ServerProgram.RunAsync(
            directory.Path,
            ["--Halley:Database:Provider=PostgreSql",
                "--Halley:Database:ConnectionString=Host=127.0.0.1;Port=1;Username=x;Password=hidden-secret"]);

        Assert.Equal(ExitCodes.DatabaseRefused, exitCode);
        Assert.DoesNotContain("hidden-secret", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
