using System.Text.Json;
using Halley.Client.Accounts;
using Halley.Client.Keys;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>Carries out commands of the server that concern backups, vaults and files: one handler for each kind.</summary>
public sealed class CommandHandlers
{
    // Together with its quotation it must fit into a message, of which the server takes 16 MiB.
    private const int LongestAnswer = 12 << 20;

    private static readonly TimeSpan PatienceForPing = TimeSpan.FromSeconds(15);

    private readonly JobRunner _runner;
    private readonly JobRunnerOptions _options;
    private readonly VaultBrowsing _vaults;
    private readonly VaultOpening _opening;
    private readonly Dictionary<string, Func<string, CancellationToken, Task<HandlerAnswer>>> _handlers = new(StringComparer.Ordinal);

    /// <summary>Makes them.</summary>
    /// <param name="runner">Runs the jobs.</param>
    /// <param name="options">The same that the runner has.</param>
    public CommandHandlers(JobRunner runner, JobRunnerOptions options)
    {
        (_runner, _options, _vaults, _opening) = (runner, options, new VaultBrowsing(options), new VaultOpening(options));
        AddJobs();
        AddQuestions();
    }

    /// <summary>The kinds that are carried out here.</summary>
    public IReadOnlyCollection<string> Kinds => _handlers.Keys;

    /// <summary>Carries out a command of one of <see cref="Kinds"/>. A job that it starts goes on afterwards.</summary>
    /// <returns>The last report about the command: done, or failed with a code and a sentence.</returns>
    public async Task<CommandReport> RunAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        try
        {
            if (CommandCatalog.Find(command.Kind) is { ShowsFileNames: true } && !_options.ShowsFileNames())
            {
                throw new RunnerException(
                    RunnerException.FilenamesNotAllowed, "The user of this device does not allow the names of files to be seen.");
            }

            var answer = await _handlers[command.Kind](command.Arguments, cancellationToken);
            return answer.Json.Length <= LongestAnswer
                ? new CommandReport(command.Id, CommandStates.Done, answer.Json, Message: answer.Note)
                : throw new RunnerException(
                    RunnerException.AnswerTooLarge,
                    "There is too much for one answer. Ask for a smaller folder, or search more narrowly.");
        }
        catch (RunnerException error)
        {
            return Failed(command, error.Code, error.Message);
        }
        catch (JsonException error)
        {
            return Failed(command, RunnerException.InvalidArguments, $"The arguments cannot be read: {error.Message}");
        }
        catch (Exception error) when (error is AccountException or IOException or HttpRequestException or UnauthorizedAccessException)
        {
            return Failed(command, RunnerException.VaultUnavailable, error.Message);
        }
    }

    private static CommandReport Failed(DeviceCommand command, string code, string message) =>
        new(command.Id, CommandStates.Failed, Code: code, Message: message);

    private void AddJobs()
    {
        Add(CommandCatalog.RunRule, async (arguments, token) => Started(await _runner.StartRuleAsync(arguments.Rule, 0, token)));
        Add(CommandCatalog.RunBackup, async (arguments, token) => Started(
            await _runner.StartBackupAsync(arguments.Source, arguments.Destination, arguments.Options, ruleId: "", token)));
        Add(CommandCatalog.RunRestore, async (arguments, token) => Started(await _runner.StartRestoreAsync(arguments, token)));
        Add(CommandCatalog.ApplyRetention, (arguments, token) => _runner.StartRetentionAsync(arguments.Destination, token));
        Add(CommandCatalog.ReindexVault, (arguments, token) => _runner.StartReindexAsync(arguments.Destination, token));
        Add(CommandCatalog.VerifyVault, (arguments, token) => _runner.StartVerifyAsync(arguments.Destination, token));
        Add(CommandCatalog.HealVault, (arguments, token) => _runner.StartHealingAsync(arguments.Destination, token));
        Add(CommandCatalog.UnlockVault, (arguments, token) =>
            _runner.StartUnlockAsync(arguments.Destination, arguments.AllowUnsafe, token));
        Add(CommandCatalog.DeleteSnapshots, (arguments, token) =>
            _runner.StartDeletionAsync(arguments.Destination, arguments.Snapshots, token));
        Add(CommandCatalog.CancelJob, (arguments, _) =>
            Guid.TryParse(arguments.Job, out var job) && _options.History.TryCancel(job, arguments.CancellationId)
                ? Task.CompletedTask
                : throw new RunnerException(RunnerException.UnknownJob, "The job does not run on this device, or has ended."));
    }

    private void AddQuestions()
    {
        Add(CommandCatalog.ListSnapshots, (arguments, token) => _vaults.ListSnapshotsAsync(arguments.Destination, token));
        Add(CommandCatalog.ListStored, _vaults.ListFolderAsync);
        _handlers.Add(CommandCatalog.SearchSnapshots.Name, SearchAsync);
        Add(CommandCatalog.BrowseFiles, async (arguments, token) =>
        {
            var profile = (await _options.ReadProfile(token)).Profile;
            return DeviceBrowsing.List(arguments.Path, profile.LinuxHomedirSandbox);
        });
        Add(CommandCatalog.PingDestination, (arguments, token) => PingAsync(arguments.Location, token));
        Add(CommandCatalog.TestShare, (_, _) => throw new RunnerException(
            RunnerException.NotSupported, "Signing in to a network share works on Windows only. Mount the share on this device instead."));
    }

    private async Task<HandlerAnswer> SearchAsync(string arguments, CancellationToken cancellationToken)
    {
        var (found, isAll) = await _vaults.SearchAsync(CommandCatalog.SearchSnapshots.Read(arguments), cancellationToken);
        return new HandlerAnswer(
            CommandCatalog.SearchSnapshots.WriteAnswer(found),
            isAll ? "" : $"Only the first {_options.MostFound} files are listed. Search more narrowly to see the others.");
    }

    private async Task PingAsync(DestinationLocation location, CancellationToken cancellationToken)
    {
        using var keys = _opening.OpenKeys();
        var use = new VaultUse { GiveUpAfter = PatienceForPing };
        if (location.DestinationType == DestinationTypes.LocalPath && Path.IsPathRooted(location.LocalcopyPath)
            && !Directory.Exists(location.LocalcopyPath))
        {
            throw new RunnerException(
                RunnerException.VaultUnavailable, $"{location.LocalcopyPath} does not exist on this device. Create it, or mount its disk.");
        }

        await _opening.OpenStore(location, BucketKeyOf(location, keys), use).FindAsync(BlobName.Config, cancellationToken);
    }

    // A key that was typed for the test is in clear, one of the profile is sealed.
    private static string BucketKeyOf(DestinationLocation location, DeviceKeys keys) =>
        ProfileSecret.TryOpen(keys.RKey, SecretPurpose.BucketKey, location.CometBucketKey, out var secret)
            ? System.Text.Encoding.UTF8.GetString(secret)
            : location.CometBucketKey;

    private static StartedJob Started(Guid job) => new($"{job:D}");

    private void Add<TArguments>(CommandKind<TArguments> kind, Func<TArguments, CancellationToken, Task> run)
        where TArguments : class =>
        _handlers.Add(kind.Name, async (arguments, token) =>
        {
            await run(kind.Read(arguments), token);
            return new HandlerAnswer("");
        });

    private void Add<TArguments, TAnswer>(
        CommandKind<TArguments, TAnswer> kind, Func<TArguments, CancellationToken, Task<TAnswer>> run)
        where TArguments : class
        where TAnswer : class =>
        _handlers.Add(kind.Name, async (arguments, token) =>
            new HandlerAnswer(kind.WriteAnswer(await run(kind.Read(arguments), token))));

    /// <summary>The answer to a command as JSON, and a sentence about what it lacks.</summary>
    private sealed record HandlerAnswer(string Json, string Note = "");
}
