using System.Security.Cryptography;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Agent.Running;
using Halley.Client.Importing;
using Halley.Protocol.Client;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Storage;

namespace Halley.Client.Agent.Commands;

/// <summary>Carries out the commands that import settings of other backup programs. An import is a job, whose log is its report.</summary>
internal sealed class ImportCommands(
    AgentOptions options, JobHistory history, Func<CancellationToken, Task<ProfileState>> readProfile, ImportSources machine)
{
    public void AddTo(CommandDesk desk)
    {
        desk.Add(CommandCatalog.ListImportSources.Name, ListAsync);
        desk.Add(CommandCatalog.ApplyImport.Name, ApplyAsync);
    }

    private async Task<CommandReport> ListAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(command, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var sources = machine.List().ToDictionary(source => source.Id, source => source.Name, StringComparer.Ordinal);
        return new CommandReport(command.Id, CommandStates.Done, CommandCatalog.ListImportSources.WriteAnswer(sources));
    }

    private async Task<CommandReport> ApplyAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(command, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // Only what this machine found itself: the server chooses no files of it.
        var id = CommandCatalog.ApplyImport.Read(command.Arguments).Source;
        if (machine.List().FirstOrDefault(source => source.Id == id) is not { } source)
        {
            return Failed(command, CommandCodes.InvalidArguments, "This device has no such settings any more. List them again.");
        }

        if (!options.State.TryOpenKeys(options.State.RequireAccount(), out var keys))
        {
            return Failed(
                command, CommandCodes.NotSupported, "This device keeps no keys of the account. Run `halley import apply` on the device.");
        }

        using (keys)
        using (var work = new JobWork(
            history.Start(new BackupJobDetail { Classification = JobClassification.Import }), options.ShowsFileNames, options.Time))
        {
            work.Info($"Importing the settings of {source.Name} from {source.File}.");
            Exception? failure = null;
            await work.RunAsync(async job =>
            {
                try
                {
                    Report(job, await ImportAsync(source, keys, job.Stopped));
                }
                catch (ImportException error)
                {
                    failure = error;
                    throw new JobStop(JobStatus.Error, error.Message);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    failure = error;
                    throw;
                }
            });
            return failure is not null ? Failed(command, CommandCodes.ImportFailed, failure.Message)
                : work.Stopped.IsCancellationRequested ? Failed(command, CommandCodes.ImportFailed, "The import was cancelled.")
                : new CommandReport(command.Id, CommandStates.Done);
        }
    }

    private async Task<CommandReport?> RefusalAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var isForbidden = (await readProfile(cancellationToken)).Profile.Policy.HideAppImport;
        return isForbidden ? Failed(command, CommandCodes.NotAllowed, SettingsImport.Forbidden) : null;
    }

    private async Task<ImportPlan> ImportAsync(ImportSource source, DeviceKeys keys, CancellationToken cancellationToken)
    {
        var api = new HalleyClient(options.Http, options.Account.Server, options.Time);
        var vaults = new DeviceVaults(
            options.Account, api, new VaultStores(options.Http, options.Time, new RetryOptions()), options.ClientVersion);
        var rKey = keys.RKey.ToArray();
        try
        {
            return await new SettingsImport(options.Account, options.ClientVersion, options.Time)
                .ApplyAsync(source, vault: null, vaults, rKey, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rKey);
        }
    }

    private static void Report(JobWork work, ImportPlan plan)
    {
        foreach (var line in plan.Lines)
        {
            var text = $"{line.Place}: {line.Message}";
            if (line.Verdict == ImportVerdict.NotImported)
            {
                work.Warn(text);
            }
            else
            {
                // A setting that became another one needs a look, and the import is no less a success.
                work.Record.Log(line.Verdict == ImportVerdict.Imported ? JobSeverity.Info : JobSeverity.Warning, text);
            }
        }

        work.Info(
            $"Added {plan.Items.Count} protected items, {plan.Vaults.Count} vaults and {plan.Rules.Count} backup rules to the profile.");
    }

    private static CommandReport Failed(DeviceCommand command, string code, string message) =>
        new(command.Id, CommandStates.Failed, Code: code, Message: message);
}
