using Halley.Server.Administrators;
using Halley.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.Administrators;

public class SetUpTests
{
    private static readonly KeyValuePair<string, string>[] Alice = [new("TargetUser", "alice"), new("TargetPassword", "correct horse")];

    [Theory]
    [DatabaseData]
    public async Task Set_up_token_makes_one_administrator_and_is_gone(TestDatabase database)
    {
        await using var host = await ServerHost.StartAsync(database);
        var path = Path.Combine(host.DataDirectory, "setup-token");
        var token = host.SetupToken;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        Assert.Equal(200, await AddAsync(host, token));

        Assert.False(File.Exists(path));
        Assert.Equal(403, await AddAsync(host, token));
        Assert.NotNull(await host.StartSessionAsync());
    }

    [Fact]
    public async Task Set_up_without_the_right_token_is_refused()
    {
        await using var host = await ServerHost.StartAsync();

        Assert.Equal(403, await AddAsync(host, null));
        Assert.Equal(403, await AddAsync(host, ""));
        Assert.Equal(403, await AddAsync(host, new string('0', 64)));
        Assert.Equal(200, await AddAsync(host, host.SetupToken));
    }

    [Fact]
    public async Task Set_up_with_a_short_password_or_no_name_keeps_the_token()
    {
        await using var host = await ServerHost.StartAsync();

        Assert.Equal(400, await AddAsync(host, host.SetupToken, new("TargetUser", "alice"), new("TargetPassword", "short")));
        Assert.Equal(400, await AddAsync(host, host.SetupToken, new KeyValuePair<string, string>("TargetPassword", "correct horse")));
        Assert.Equal(400, await AddAsync(host, host.SetupToken, new("TargetUser", "a\nb"), new("TargetPassword", "correct horse")));
        Assert.Equal(200, await AddAsync(host, host.SetupToken));
    }

    [Theory]
    [DatabaseData]
    public async Task Two_set_ups_at_once_make_one_administrator(TestDatabase database)
    {
        await using var host = await ServerHost.StartAsync(database);
        var token = host.SetupToken;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            AddAsync(host, token, new("TargetUser", $"admin{n}"), new("TargetPassword", "correct horse"))));

        Assert.Equal(1, statuses.Count(status => status == 200));
        Assert.All(statuses, status => Assert.True(status is 200 or 403));
        Assert.Single(await host.Service<AdministratorStore>().ListAsync(after: null, int.MaxValue, default));
    }

    [Fact]
    public async Task Restart_before_the_set_up_keeps_the_token()
    {
        using var directory = new TemporaryDirectory();
        string token;
        await using (var first = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
            token = first.SetupToken;
        }

        await using var second = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path });
        Assert.Equal(token, second.SetupToken);
    }

    [Fact]
    public async Task Settings_name_the_first_administrator_whose_password_is_never_logged()
    {
        using var directory = new TemporaryDirectory();
        using var secrets = new TemporaryDirectory();
        var options = new ServerHostOptions
        {
            DataDirectory = directory.Path,
            Settings =
            {
                ["Halley:FirstAdmin:Username"] = "root",
                ["Halley:FirstAdmin:PasswordFile"] = secrets.File("password", "from a file 123\n"),
            },
        };
        await using (var host = await ServerHost.StartAsync(options))
        {
            Assert.False(File.Exists(Path.Combine(directory.Path, "setup-token")));
            Assert.NotNull(await host.StartSessionAsync("ROOT", "from a file 123"));
        }

        Assert.DoesNotContain("from a file", ServerHost.ReadLog(directory.Path), StringComparison.Ordinal);
    }

    private static Task<int> AddAsync(ServerHost host, string? token) => AddAsync(host, token, Alice);

    private static async Task<int> AddAsync(ServerHost host, string? token, params KeyValuePair<string, string>[] fields)
    {
        (string, string)[] headers = token is null ? [] : [("X-Halley-Setup-Token", token)];
        return (await host.CallCometAsync("admin/add-first-admin-user", fields, headers)).GetProperty("Status").GetInt32();
    }
}
