using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Halley.Protocol;

namespace Halley.Benchmarks.Accounts;

/// <summary><c>accounts</c>: the Auth Role with many accounts and jobs, and its sign-ins against bare bcrypt.</summary>
internal static class AccountsCommand
{
    private static readonly Option<int> Accounts =
        new("--accounts") { Description = "Accounts to make.", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<int> Jobs = new("--jobs") { Description = "Jobs to make.", DefaultValueFactory = _ => 1_000_000 };

    public static Command Create()
    {
        var command = new Command("accounts",
            "Fills a server with accounts and jobs and measures lists, searches, sign-ins and saved profiles.") { Accounts, Jobs };
        command.SetAction(async (arguments, _) =>
        {
            await RunAsync(arguments.GetRequiredValue(Accounts), arguments.GetRequiredValue(Jobs));
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int accounts, int jobs)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var server = await ServerProcess.StartAsync();
        using (await AdminClient.SetUpAsync(server.Address, server.DataDirectory))
        {
        }

        using var client = new CometClient(server.Address, await StartSessionAsync(server.Address));
        Console.WriteLine("| | figure |\n|---|---|");
        await ShowAsync($"{accounts} accounts made", () => AccountLoad.AddAccountsAsync(client, accounts));
        await ShowAsync(
            $"{jobs} jobs loaded", () => Task.Run(() => AccountLoad.AddJobs(Path.Combine(server.DataDirectory, "halley.db"), jobs, now)));

        var day = now.AddDays(-10).ToUnixTimeSeconds();
        await ShowListAsync(client, "list-users", "admin/list-users");
        await ShowListAsync(client, "list-users-full", "admin/list-users-full");
        await ShowListAsync(
            client, "get-jobs-for-date-range, one day", "admin/get-jobs-for-date-range", ("Start", Text(day)), ("End", Text(day + 86_400)));
        await ShowListAsync(client, "get-jobs-for-user", "admin/get-jobs-for-user", ("TargetUser", AccountLoad.NameOf(1)));
        await ShowListAsync(client, "count-jobs, of one user", "admin/count-jobs-for-custom-search",
            ("Query", Rule("Username", "str_eq", AccountLoad.NameOf(1))));
        await ShowListAsync(
            client, "count-jobs, all failed", "admin/count-jobs-for-custom-search", ("Query", Rule("Status", "int_gte", "7000")));
        await ShowListAsync(client, "count-jobs, regular expression over all", "admin/count-jobs-for-custom-search",
            ("Query", Rule("Username", "str_regexmatch", "user0+42$")));
        await ShowListAsync(client, "set-user-profile", "admin/set-user-profile", ("TargetUser", AccountLoad.NameOf(2)),
            ("ProfileData", """{"AccountName":"Saved"}"""));
        await ShowSignInsAsync(client);
        Console.WriteLine($"| peak resident memory | {ProcessMemory.PeakBytesOf(server.Id) / 1_048_576} MB |");
    }

    private static async Task ShowSignInsAsync(CometClient client)
    {
        const int WarmUp = 20, Round = 60, Rounds = 3;
        await PerSecondAsync(client, first: 0, WarmUp);
        BarePerSecond(WarmUp);
        var (server, bare) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            bare += BarePerSecond(Round) / Rounds;
            server += await PerSecondAsync(client, WarmUp + (round * Round), Round) / Rounds;
        }

        Console.WriteLine(
            $"| sign-in by L-key, cold | {Text(server)}/s of {Text(bare)}/s of bare bcrypt on all cores: {Text(100 * server / bare)} % |");
        await ShowMedianAsync("sign-in by L-key, cached", () => client.SignInAsync(AccountLoad.NameOf(100), AccountLoad.LKey));
    }

    private static async Task<double> PerSecondAsync(CometClient client, int first, int count)
    {
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            if (!await client.SignInAsync(AccountLoad.NameOf(100 + first + i), AccountLoad.LKey))
            {
                throw new InvalidOperationException($"The sign-in of {AccountLoad.NameOf(100 + first + i)} was refused.");
            }
        });
        return count / clock.Elapsed.TotalSeconds;
    }

    private static double BarePerSecond(int count)
    {
        var hash = BCrypt.Net.BCrypt.EnhancedHashPassword(AccountLoad.LKey, BCrypt.Net.HashType.SHA512, workFactor: 10);
        var clock = Stopwatch.StartNew();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            _ => BCrypt.Net.BCrypt.EnhancedVerify(AccountLoad.LKey, hash, BCrypt.Net.HashType.SHA512));
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task ShowAsync(string what, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        Console.WriteLine($"| {what} | {Text(clock.Elapsed.TotalSeconds)} s |");
    }

    private static async Task ShowListAsync(CometClient client, string what, string call, params (string, string)[] fields)
    {
        var length = await client.ReadAsync(call, fields);
        await ShowMedianAsync($"{what} ({Text(length / 1e6)} MB)", () => client.ReadAsync(call, fields));
    }

    private static async Task ShowMedianAsync(string what, Func<Task> work)
    {
        var times = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            var clock = Stopwatch.StartNew();
            await work();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        Console.WriteLine($"| {what} | {Text(times.Order().ElementAt(2))} ms |");
    }

    private static string Rule(string field, string operation, string value) =>
        $$"""{"ClauseType":"","RuleField":"BackupJobDetail.{{field}}","RuleOperator":"{{operation}}","RuleValue":"{{value}}"}""";

    private static string Text(double number) => number.ToString(number < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);

    private static async Task<string> StartSessionAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(AdminClient.Username, AdminClient.Password));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }
}
