using System.Security.Cryptography;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Importing;
using Halley.Protocol.Client;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Storage;

namespace Halley.Client.Agent.Commands;

/// <summary>Carries out the commands that import settings of other backup programs. An import is a job, whose log is its report.</summary>
internal sealed class ImportCommands(AgentOptions options, JobHistory history)
{
    public void AddTo(CommandDesk desk)
    {
        desk.Add(CommandCatalog.ListImportSources.Name, ListAsync);
        desk.Add(CommandCatalog.ApplyImport.Name, ApplyAsync);
    }

    private static Task<CommandReport> ListAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        var sources = ImportSources.OfThisMachine.List().ToDictionary(source => source.Id, source => source.Name, StringComparer.Ordinal);
        return Task.FromResult(new CommandReport(command.Id, CommandStates.Done, CommandCatalog.ListImportSources.WriteAnswer(sources)));
    }

    private async Task<CommandReport> ApplyAsync(DeviceCommand command, CancellationToken cancellationToken)
    {
        // Only what this machine found itself: the server chooses no files of it.
        var id = CommandCatalog.ApplyImport.Read(command.Arguments).Source;
        if (ImportSources.OfThisMachine.List().FirstOrDefault(source => source.Id == id) is not { } source)
        {
            return Failed(command, CommandCodes.InvalidArguments, "This device has no such settings any more. List them again.");
        }

        if (!options.State.TryOpenKeys(options.State.RequireAccount(), out var keys))
        {
            return Failed(
                command, CommandCodes.NotSupported, "This device keeps no keys of the account. Run `halley import apply` on the device.");
        }

        using (keys)
        {
            var job = history.Start(new BackupJobDetail { Classification = JobClassification.Import });
            job.Log(JobSeverity.Info, $"Importing the settings of {source.Name} from {source.File}.");
            var rKey = keys.RKey.ToArray();
            try
            {
                job.Complete(Report(job, await ImportAsync(source, rKey, cancellationToken)));
                return new CommandReport(command.Id, CommandStates.Done);
            }
            catch (OperationCanceledException)
            {
                job.Complete(JobStatus.Cancelled);
                throw;
            }
            catch (Exception error) // whatever it is, the job ends with it
            {
                job.Log(JobSeverity.Error, error.Message);
                job.Complete(JobStatus.Error);
                return Failed(command, CommandCodes.ImportFailed, error.Message);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(rKey);
            }
        }
    }

    private Task<ImportPlan> ImportAsync(ImportSource source, byte[] rKey, CancellationToken cancellationToken)
    {
        var api = new HalleyClient(options.Http, options.Account.Server, options.Time);
        var vaults = new DeviceVaults(
            options.Account, api, new VaultStores(options.Http, options.Time, new RetryOptions()), options.ClientVersion);
        return new SettingsImport(options.Account, options.ClientVersion, options.Time)
            .ApplyAsync(source, vault: null, vaults, rKey, cancellationToken);
    }

    private static JobStatus Report(JobRecord job, ImportPlan plan)
    {
        foreach (var line in plan.Lines)
        {
            job.Log(line.Verdict == ImportVerdict.Imported ? JobSeverity.Info : JobSeverity.Warning, $"{line.Place}: {line.Message}");
        }

        job.Log(
            JobSeverity.Info,
            $"Added {plan.Items.Count} protected items, {plan.Vaults.Count} vaults and {plan.Rules.Count} backup rules to the profile.");
        return plan.Lines.Exists(line => line.Verdict == ImportVerdict.NotImported) ? JobStatus.Warning : JobStatus.Success;
    }

    private static CommandReport Failed(DeviceCommand command, string code, string message) =>
        new(command.Id, CommandStates.Failed, Code: code, Message: message);
}
