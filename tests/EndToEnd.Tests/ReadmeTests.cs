using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>The commands of the README work as they are written; only names, keys and the port are filled in.</summary>
public sealed partial class ReadmeTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private static readonly string Text = File.ReadAllText(Checkout.PathOf("README.md"));

    [Fact]
    public async Task First_backup_and_restore_return_the_same_files()
    {
        var bucket = await shared.Installation.Admin.AddBucketAsync();
        using var home = new TemporaryDirectory();
        var documents = home.CreateSubdirectory("Documents");
        await File.WriteAllTextAsync(Path.Combine(documents, "letter"), "Dear Anna");

        var commands = Block("restic init").Replace("BUCKET:KEY", $"{bucket.Bucket.Id}:{bucket.Secret}", StringComparison.Ordinal)
            .Replace("BUCKET", bucket.Bucket.Id, StringComparison.Ordinal) + Block("restic restore");
        var backedUp = await ShellAsync(shared.Installation, home, commands, ("RESTIC_PASSWORD", "secret"));

        Assert.Contains("snapshot", backedUp, StringComparison.Ordinal);
        var restored = Path.Combine(home.Path, "restored", documents.TrimStart('/'), "letter");
        Assert.Equal("Dear Anna", await File.ReadAllTextAsync(restored));
    }

    [Fact]
    public async Task First_backup_with_halley_is_restored_and_is_read_and_continued_by_restic()
    {
        var bucket = await shared.Installation.Admin.AddBucketAsync();
        using var home = new TemporaryDirectory();
        var documents = home.CreateSubdirectory("Documents");
        await File.WriteAllTextAsync(Path.Combine(documents, "letter"), "Dear Anna");
        var path = $"{Path.GetDirectoryName(HalleyProgram.Command[1])}:{Environment.GetEnvironmentVariable("PATH")}";
        string Fill(string commands) => commands.Replace("BUCKET:KEY", $"{bucket.Bucket.Id}:{bucket.Secret}", StringComparison.Ordinal)
            .Replace("'KEY'", $"'{bucket.Secret}'", StringComparison.Ordinal).Replace("BUCKET", bucket.Bucket.Id, StringComparison.Ordinal);

        var output = await ShellAsync(shared.Installation, home, Fill(Block("halley init")), ("PATH", path), ("HALLEY_PASSWORD", "secret"));

        Assert.Contains($"{documents}/letter\n", output, StringComparison.Ordinal); // halley ls
        Assert.DoesNotContain(bucket.Secret!, output, StringComparison.Ordinal);
        var restored = Path.Combine(home.Path, "restored", documents.TrimStart('/'), "letter");
        Assert.Equal("Dear Anna", await File.ReadAllTextAsync(restored));

        var continued = await ShellAsync(shared.Installation, home, Fill(Block("restic snapshots")), ("RESTIC_PASSWORD", "secret"));
        Assert.Matches("Files: +0 new, +0 changed, +1 unmodified", continued);
        Assert.Contains("no errors were found", continued, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Further_volume_and_first_account_are_added_by_curl()
    {
        await using var installation = await Installation.StartAsync(); // of its own: the volume goes with the test
        using var http = new HttpClient { BaseAddress = installation.Server.Address };
        using var response = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(AdminClient.Username, AdminClient.Password));
        var session = (await response.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
        using var home = new TemporaryDirectory();

        await ShellAsync(installation, home, Block("/api/v2/volumes")
            .Replace("/mnt/disk2", home.CreateSubdirectory("disk2"), StringComparison.Ordinal), ("SESSION", session));
        Assert.Equal(3, (await installation.Admin.ListVolumesAsync()).Count);

        var added = await ShellAsync(installation, home, Block("add-user")
            .Replace("Username=ADMIN", $"Username={AdminClient.Username}", StringComparison.Ordinal)
            .Replace("Password=PASSWORD", $"'Password={AdminClient.Password}'", StringComparison.Ordinal));
        Assert.Contains("\"Status\":200", added, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_lead_to_files_of_the_checkout() =>
        Assert.All(
            Link().Matches(Text).Select(match => match.Groups[1].Value)
                .Where(target => !target.StartsWith("https:", StringComparison.Ordinal)),
            target => Assert.True(Path.Exists(Checkout.PathOf(target)), target));

    private static string Block(string command) =>
        Fence().Matches(Text).Select(match => match.Groups[1].Value).Single(block => block.Contains(command, StringComparison.Ordinal));

    private static async Task<string> ShellAsync(
        Installation installation, TemporaryDirectory home, string commands, params (string Name, string Value)[] environment)
    {
        var script = commands.Replace("127.0.0.1:8060", installation.Server.Address.Authority, StringComparison.Ordinal);
        Tools.Require("restic", "restic");
        var run = await ExternalProgram.RunAsync(
            Tools.Require("bash", "bash"), ["-e", "-c", script],
            environment.Append(("HOME", home.Path)).ToDictionary(variable => variable.Item1, variable => variable.Item2));
        return run.EnsureSuccess().Output;
    }

    [GeneratedRegex("^```\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)#]+)")]
    private static partial Regex Link();
}
