using System.Globalization;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Devices;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.SignIn;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Accounts;

public sealed partial class JobPage
{
    private const int EntriesShown = 200;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly (string Word, string Severity)[] Choices = [("All", ""), ("Warnings and errors", "W"), ("Errors", "E")];

    private readonly ListPosition<long?> _position = new();
    private BackupJobDetail? _job;
    private UserProfileConfig? _profile;
    private IReadOnlyList<JobEntry> _entries = [];
    private string _least = "";
    private bool _isMissing;

    [SupplyParameterFromQuery]
    private string? Id { get; set; }

    [CascadingParameter]
    private BrowserView View { get; set; } = BrowserView.Unknown;

    [Inject]
    private JobStore Jobs { get; set; } = default!;

    [Inject]
    private JobLogStore Logs { get; set; } = default!;

    [Inject]
    private ProfileActions Profiles { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    private string Kind => DeviceWords.KindOf(_job!.Classification);

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        var job = await Jobs.FindAsync(JobScope.Of(caller), Id ?? "", Closed);
        if (job is null || !(await Profiles.FindAsync(new AccountCaller(caller, job.Username), Closed)).TryGet(out var stored, out _))
        {
            _isMissing = true;
            return;
        }

        var wanted = (_least, _position.Start);
        var (entries, next) = await Logs.PageAsync(
            job.Id, Math.Max(0, JobLogStore.Rank(_least)), _position.Start ?? 0, EntriesShown, Closed);
        // After another choice in the meantime, another load is reading the entries for it.
        if (wanted == (_least, _position.Start))
        {
            (_entries, _position.Next) = (entries, next);
        }

        (_job, _profile, _isMissing) = (JobDocument.Read(job.Document), stored.Profile, false);
    }

    private static string LookOf(JobEntry entry) => entry.Severity switch
    {
        "E" => "bad",
        "W" => "warned",
        _ => "",
    };

    private static string WordOf(JobEntry entry) => entry.Severity switch
    {
        "E" => "Error",
        "W" => "Warning",
        "D" => "Debug",
        _ => "Info",
    };

    private Task ChooseAsync(string severity)
    {
        _least = severity;
        _position.Restart();
        return RefreshAsync();
    }
}
