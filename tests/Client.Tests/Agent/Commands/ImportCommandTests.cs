using System.Diagnostics;
using Halley.Client.Accounts;
using Halley.Client.Agent;
using Halley.Client.Agent.Commands;
using Halley.Client.Importing;
using Halley.Client.Tests.Agent.Running;
using Halley.Protocol.Client;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Commands;

/// <summary>Commands that import settings: cancelled within a second, and refused where the policy hides imports.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestAgent _agent = new();
    private readonly TemporaryDirectory _home = new();
    private readonly SilentServer _server = new();
    private readonly CancellationTokenSource _stop = new();

    public ImportCommandTests()
    {
        Directory.CreateDirectory(_home[".config", "resticprofile"]);
        File.WriteAllText(_home[".config", "resticprofile", "profiles.yaml"], "home:\n  repository: local:/srv/vault\n");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _server.Dispose();
        _home.Dispose();
        _agent.Dispose();
    }

    [Fact]
    public async Task Import_that_waits_for_the_server_ends_within_a_second_when_it_is_cancelled()
    {
        var desk = MakeDesk();
        var hub = new RecordingHub();
        _ = desk.RunAsync(hub, _stop.Token);
        desk.Take(Command(CommandCatalog.ApplyImport, new ImportArguments(Machine.List().Single().Id)));
        await _server.Asked.WaitAsync(Soon);
        var job = _agent.History.Running.Single();
        var clock = Stopwatch.StartNew();

        Assert.True(_agent.History.TryCancel(job.Id, job.Read().CancellationID));

        await Eventually.HoldsAsync("the job has ended", Soon, () => _agent.History.Running.Count == 0);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}"); // a second, on a machine that is busy
        Assert.Equal(JobStatus.Cancelled, _agent.History.Archive.Find(job.Id)!.Status);
        await Eventually.HoldsAsync("the command has failed", Soon, () => hub.Reports.Any(report => report.State == CommandStates.Failed));
        Assert.Equal("The import was cancelled.", hub.Reports.Last().Message);
    }

    [Fact]
    public async Task Policy_that_hides_imports_is_obeyed()
    {
        _agent.Profile.Policy.HideAppImport = true;
        var desk = MakeDesk();
        var hub = new RecordingHub();
        _ = desk.RunAsync(hub, _stop.Token);

        desk.Take(Command(CommandCatalog.ListImportSources, new NoArguments()));
        desk.Take(Command(CommandCatalog.ApplyImport, new ImportArguments(Machine.List().Single().Id)));

        await Eventually.HoldsAsync(
            "both are refused", Soon,
            () => hub.Reports.Where(report => report.Code == "not_allowed").DistinctBy(report => report.CommandId).Count() == 2);
        Assert.Empty(_agent.History.Archive.Read());
        Assert.False(_server.Asked.IsCompleted);
    }

    private ImportSources Machine => new(_home["root"], _home.Path);

    private CommandDesk MakeDesk()
    {
        var options = new AgentOptions
        {
            State = _agent.State,
            Account = new DeviceAccount(
                _agent.State, new HalleyClient(_server.Http, new Uri("http://127.0.0.1:9/"), TimeProvider.System)),
            Http = _server.Http,
            CacheDirectory = _agent.Options.CacheDirectory,
            ClientVersion = "1.2.3",
        };
        var desk = new CommandDesk(_agent.State, () => true, TimeProvider.System, static _ => { }, _stop.Token);
        new ImportCommands(options, _agent.History, _agent.Options.ReadProfile, Machine).AddTo(desk);
        return desk;
    }

    private static DeviceCommand Command<TArguments>(CommandKind<TArguments> kind, TArguments arguments)
        where TArguments : class => new(
            Guid.NewGuid(), kind.Name, kind.Write(arguments), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));

    /// <summary>A server that takes requests and never answers.</summary>
    private sealed class SilentServer : HttpMessageHandler
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SilentServer() => Http = new HttpClient(this, disposeHandler: false);

        public HttpClient Http { get; }

        public Task Asked => _asked.Task;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new UnreachableException();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Http.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
