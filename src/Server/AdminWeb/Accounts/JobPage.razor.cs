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

    // The starts of the pages before this one.
    private readonly Stack<long> _before = [];
    private BackupJobDetail? _job;
    private UserProfileConfig? _profile;
    private IReadOnlyList<JobEntry> _entries = [];
    private string _least = "";
    private long _start;
    private long? _next;
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

        var wanted = (_least, _start);
        var (entries, next) = await Logs.PageAsync(job.Id, Math.Max(0, JobLogStore.Rank(_least)), _start, EntriesShown, Closed);
        // After another choice in the meantime, another load is reading the entries for it.
        if (wanted == (_least, _start))
        {
            (_entries, _next) = (entries, next);
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
        _before.Clear();
        (_least, _start, _next) = (severity, 0, null);
        return RefreshAsync();
    }

    private Task ForwardAsync()
    {
        _before.Push(_start);
        (_start, _next) = (_next ?? _start, null);
        return RefreshAsync();
    }

    private Task BackAsync()
    {
        (_start, _next) = (_before.Pop(), null);
        return RefreshAsync();
    }
}
