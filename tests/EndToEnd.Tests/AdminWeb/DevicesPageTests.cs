using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.EndToEnd.Tests.Live;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Testing.Live;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>The pages on which an administrator watches devices and gives them commands.</summary>
[Collection(Lanes.Pages)]
public sealed class DevicesPageTests(PageServer server)
{
    private const string Id = "office-pc";
    private const string Refusal = "Another device uses the vault <b>/srv/backup</b> at this moment.";
    private const string Background = "getComputedStyle(document.body).backgroundColor";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Device_comes_works_and_goes_before_the_eyes_of_the_administrator()
    {
        await using var site = await AdminSite.StartAsync();
        var page = await site.EnterAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Devices", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No device yet" })).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "devices-none");

        using var office = await FleetOffice.OpenAsync(site.Server.Address);
        await using var device = await TestDevice.AttachAsync(site.Server.Address, await office.SignInDeviceAsync(Id));
        await using var copied = await CopyAsync(site.Server.Address, await office.SignInDeviceAsync("night-shift-laptop"));
        await SaveProfileAsync(office);
        Assert.Equal("", (await device.ReportJobAsync(NewDrill(JobStatus.Success, days: 2))).Code);
        var job = NewJob();
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);
        device.ClockAhead = TimeSpan.FromMinutes(7);
        await device.BeatAsync(Guid.Parse(job.GUID));
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = Id });
        await Expect(row.Locator(".state")).ToHaveTextAsync("Connected");
        await Expect(row).ToContainTextAsync("Debian 13, linux/amd64");
        await Expect(page.GetByText("2 of 2 devices connected.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "night-shift" })).ToContainTextAsync("Two machines use this id");
        await Expect(row.GetByRole(AriaRole.Progressbar, new() { Name = "Backup: 25 % done" })).ToBeVisibleAsync();
        await Expect(row).ToContainTextAsync("Clock is 7 min ahead");
        await Expect(row).ToContainTextAsync("2 days ago");
        await Expect(row).ToContainTextAsync("250 files verified");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "night-shift" })).ToContainTextAsync("never");
        await Expect(row).ToContainTextAsync("1.40 GiB · 300 of 1\u202f200 files");
        await RefreshAsync(row, device, job);
        await ShootAllAsync(page, "devices");
        await FilterAsync(page, row);

        await row.GetByRole(AriaRole.Link, new() { Name = Id }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = Id, Exact = true })).ToBeVisibleAsync();
        await CommandAsync(page, device);
        await CancelAsync(page, device, job);
        Assert.Equal("", (await device.ReportJobAsync(NewDrill(JobStatus.Error, days: 1))).Code);
        await Expect(page.GetByText("Restore drill failed")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "About the device" })).ToContainTextAsync("2 days ago");
        await ShootAllAsync(page, "device");
        await GoAsync(page, device);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Device_that_waits_in_the_lobby_is_signed_in_on_the_page()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        using var office = await FleetOffice.OpenAsync(site.Server.Address);
        await page.GetByRole(AriaRole.Link, new() { Name = "Devices", Exact = true }).ClickAsync();
        await using var waiting = await TestLobbyDevice.WaitAsync(site.Server.Address, TestLobbyDevice.NewHello(Id));
        waiting.SignIn = async order =>
        {
            await office.RedeemAsync(order, Id);
            return new LobbyOutcome(IsDone: true);
        };
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Waiting to be signed in" })).ToContainTextAsync($"name of {Id}");
        await ShootAllAsync(page, "lobby");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Sign in name of {Id}" }).ClickAsync();
        await page.GetByLabel("Account").FillAsync(FleetOffice.User);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByText($"name of {Id} is signed in.")).ToBeVisibleAsync();
        await waiting.DisposeAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Waiting to be signed in" })).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Id })).ToContainTextAsync(FleetOffice.User);
        site.Browser.AssertQuiet();
    }

    // A refresh changes the text of a row. The row stays, with the keyboard focus and a click that has begun in it.
    private static async Task RefreshAsync(ILocator row, TestDevice device, BackupJobDetail job)
    {
        var link = row.GetByRole(AriaRole.Link, new() { Name = Id });
        await link.FocusAsync();
        device.ClockAhead = TimeSpan.FromMinutes(9);
        await device.BeatAsync(Guid.Parse(job.GUID));
        await Expect(row).ToContainTextAsync("Clock is 9 min ahead");
        await Expect(link).ToBeFocusedAsync();
    }

    private static async Task FilterAsync(IPage page, ILocator row)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Not connected" }).ClickAsync();
        await Expect(row).ToBeHiddenAsync();
        await Expect(page.GetByText("No device matches your search.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "All" }).ClickAsync();
        await page.Locator("#device-search").FillAsync("OFFICE");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "night-shift" })).ToBeHiddenAsync();
        await Expect(row).ToBeVisibleAsync();
    }

    private static async Task CommandAsync(IPage page, TestDevice device)
    {
        var commands = Commands(page);
        await page.GetByLabel("Backup rule").SelectOptionAsync("Every evening");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run backup" }).ClickAsync();
        var run = await device.NextCommandAsync();
        Assert.Equal((CommandCatalog.RunRule.Name, "evening"), (run.Kind, CommandCatalog.RunRule.Read(run.Arguments).Rule));
        await device.DoneAsync(run, new StartedJob());
        await Expect(page.GetByText("Run backup rule “Every evening”: done.")).ToBeVisibleAsync();
        await Expect(commands.First.Locator(".state")).ToHaveTextAsync("Done");

        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        var verify = await device.NextCommandAsync();
        Assert.Equal("nas", JsonSerializer.Deserialize<VaultArguments>(verify.Arguments)!.Destination);
        await device.ReportAsync(new CommandReport(verify.Id, CommandStates.Failed, Code: "vault_locked", Message: Refusal));
        await Expect(page.GetByText($"Verify vault “The big one”: {Refusal}")).ToBeVisibleAsync();
        await Expect(commands.First).ToContainTextAsync(Refusal);
        await Expect(commands.First.Locator(".state")).ToHaveTextAsync("Failed");
    }

    private static async Task CancelAsync(IPage page, TestDevice device, BackupJobDetail job)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel: Backup" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stop it" }).ClickAsync();
        var cancel = await device.NextCommandAsync();
        Assert.Equal(
            new CancelJobArguments(job.GUID, job.CancellationID), JsonSerializer.Deserialize<CancelJobArguments>(cancel.Arguments));
        await device.DoneAsync(cancel);
        await Expect(page.GetByText("The device stops the job")).ToBeVisibleAsync();
    }

    private static async Task GoAsync(IPage page, TestDevice device)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Close the connection" }).ClickAsync();
        Assert.Equal(LeaveReasons.Dropped, (await device.Left).Reason);
        await Expect(page.Locator(".device-line .state")).ToHaveTextAsync("Offline");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refetch profile" }).ClickAsync();
        await Expect(page.GetByText("Refetch profile: kept until the device connects.")).ToBeVisibleAsync();
        var first = Commands(page).First;
        await Expect(first.Locator(".state")).ToHaveTextAsync("Waiting");
        await AdminSite.ShootAsync(page, "device-offline");
        await first.GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();
        await Expect(first.Locator(".state")).ToHaveTextAsync("Withdrawn");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Where you are" }).GetByRole(AriaRole.Link, new() { Name = "Devices" })
            .ClickAsync();
        await Expect(page.GetByText("1 of 2 devices connected.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Id }).Locator(".state")).ToHaveTextAsync("Offline");
        await AdminSite.OpenAsync(page, "/");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Devices 2 1 connected" })).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "dashboard-devices");
    }

    /// <summary>A disk was copied: the first machine comes back after the second had taken its place.</summary>
    private static async Task<TestDevice> CopyAsync(Uri server, string session)
    {
        var hello = TestDevice.NewHello();
        await using var first = await TestDevice.AttachAsync(server, session, hello);
        await using var second = await TestDevice.AttachAsync(server, session);
        return await TestDevice.AttachAsync(server, session, hello);
    }

    private static ILocator Commands(IPage page) =>
        page.GetByRole(AriaRole.Region, new() { Name = "Commands" }).GetByRole(AriaRole.Listitem);

    private static BackupJobDetail NewJob() => new()
    {
        GUID = Guid.NewGuid().ToString(),
        Classification = JobClassification.Backup,
        Status = JobStatus.Running,
        StartTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600,
        SourceGUID = "documents",
        DestinationGUID = "nas",
        CancellationID = "stop-by-this",
        Progress = new BackupJobProgress { Counter = 1, BytesDone = 1_500_000_000, ItemsDone = 300, ItemsTotal = 1200 },
    };

    private static BackupJobDetail NewDrill(JobStatus status, int days)
    {
        var end = DateTimeOffset.UtcNow.AddDays(-days).ToUnixTimeSeconds();
        return new()
        {
            GUID = Guid.NewGuid().ToString(),
            Classification = JobClassification.RestoreDrill,
            Status = status,
            StartTime = end - 60,
            EndTime = end,
            DestinationGUID = "nas",
            TotalFiles = 250,
        };
    }

    private static async Task SaveProfileAsync(FleetOffice office)
    {
        var profile = JsonNode.Parse((await office.CallAsync("get-user-profile", ("TargetUser", FleetOffice.User))).GetRawText())!;
        profile["Sources"] = Node(new Dictionary<string, SourceConfig>
        {
            ["documents"] = new() { Engine = "engine1/file", Description = "Documents", OwnerDevice = Id },
        });
        profile["Destinations"] = Node(new Dictionary<string, DestinationConfig> { ["nas"] = new() { Description = "The big one" } });
        profile["BackupRules"] = Node(new Dictionary<string, BackupRuleConfig>
        {
            ["noon"] = new() { Source = "documents", Destination = "nas" },
            ["evening"] = new() { Description = "Every evening", Source = "documents", Destination = "nas" },
        });
        var saved = await office.CallAsync("set-user-profile", ("TargetUser", FleetOffice.User), ("ProfileData", profile.ToJsonString()));
        Assert.True(saved.GetProperty("Status").GetInt32() == 200, saved.GetRawText());
    }

    private static JsonNode? Node<T>(Dictionary<string, T> documents) => JsonSerializer.SerializeToNode(documents, CometJson.Options);

    /// <summary>By day, by night, and on a phone.</summary>
    private static async Task ShootAllAsync(IPage page, string name)
    {
        await AdminSite.ShootAsync(page, name);
        var bright = await page.EvaluateAsync<string>(Background);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Eventually.HoldsAsync("the page is dark", Soon, async () => await page.EvaluateAsync<string>(Background) != bright);
        await AdminSite.ShootAsync(page, name + "-dark");
        await page.SetViewportSizeAsync(360, 740);
        // The drawer only goes when the server has heard of the new width.
        await Eventually.HoldsAsync(
            $"{page.Url} is as wide as the phone", Soon, () =>
                page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await AdminSite.ShootAsync(page, name + "-phone");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(1280, 900);
    }
}
