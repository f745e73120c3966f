using System.Net;
using Halley.Server.Administrators;
using Halley.Server.Settings;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

public class ResetPasswordTests
{
    [Fact]
    public async Task Password_is_reset_beside_a_running_server_which_ends_sessions_and_unlocks()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path });
        var session = (await host.StartSessionAsync()).SessionKey;
        for (var i = 0; i < LoginRules.DefaultThreshold; i++)
        {
            await host.TrySignInAsync(password: $"wrong {i}");
        }

        var (exitCode, output, errors) = await RunAsync(directory, "a new password\n", "ALICE");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.DoesNotContain("a new password", output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "a new password")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync()).StatusCode);
        Assert.Null(await host.Service<AdministratorSessions>().UseAsync(session, null, default));
    }

    [Fact]
    public async Task Password_can_come_from_a_file_or_be_made_up()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path });

        Assert.Equal(0, (await RunAsync(directory, "", "alice", "--password-file", directory.File("new", "from a file\n"))).ExitCode);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "from a file")).StatusCode);
        var (_, output, _) = await RunAsync(directory, "", "alice", "--generate");
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: output.Trim().Split(' ')[^1])).StatusCode);
    }

    [Fact]
    public async Task Second_factors_that_are_lost_can_be_removed_with_the_password()
    {
        using var directory = new TemporaryDirectory();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host =
            await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path, Time = time });
        await TwoFactorTests.TurnOnAsync(host, time);

        Assert.Equal(0, (await RunAsync(directory, "a new password\n", "alice")).ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync(password: "a new password")).StatusCode);
        Assert.Equal(0, (await RunAsync(directory, "a newer password\n", "alice", "--remove-second-factors")).ExitCode);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "a newer password")).StatusCode);
    }

    [Fact]
    public async Task Unknown_name_or_unacceptable_password_fails_and_says_why()
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal(3, (await RunAsync(directory, "whatever it is\n", "alice")).ExitCode);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path });

        var unknown = await RunAsync(directory, "whatever it is\n", "bob");
        var tooShort = await RunAsync(directory, "short\n", "alice");

        Assert.Equal((1, 1), (unknown.ExitCode, tooShort.ExitCode));
        Assert.Contains("bob", unknown.Errors, StringComparison.Ordinal);
        Assert.Contains("alice", unknown.Errors, StringComparison.Ordinal);
        Assert.Contains("8 characters", tooShort.Errors, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(
        TemporaryDirectory directory, string input, params string[] arguments) =>
        ServerProgram.RunAsync(
            directory.Path, ["admin", "reset-password", .. arguments, $"--Halley:DataDirectory={directory.Path}",
                "--Halley:Credentials:WorkFactor=4"], input);
}
