using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Instances;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Settings;

/// <summary>
/// The settings that an administrator can change while the server runs: the vendor's configuration document, without the parts that are
/// tables here (administrators, organizations) or options of the process (addresses). Readers use <see cref="Current"/> and never change
/// it.
/// </summary>
internal sealed class ServerSettings : IDisposable
{
    private const string Purpose = "Halley.Settings";
    private readonly IDbContextFactory<ServerDbContext> _databases;
    private readonly IDataProtector _protector;
    private readonly IReadOnlyList<SettingsRule> _rules;
    private readonly IReadOnlyList<SettingsWitness> _witnesses;
    private readonly TimeProvider _time;
    private readonly ChangeNotices _notices;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly Lock _publishing = new();
    private volatile Snapshot _snapshot = new(0, Defaults());

    public ServerSettings(
        IDbContextFactory<ServerDbContext> databases, IDataProtectionProvider protection, IEnumerable<SettingsRule> rules,
        IEnumerable<SettingsWitness> witnesses, ChangeNotices notices, TimeProvider time)
    {
        (_databases, _rules, _witnesses, _notices, _time) = (databases, [.. rules], [.. witnesses], notices, time);
        _protector = protection.CreateProtector(Purpose);
        notices.Follow(Changes.Settings, () => LoadAsync(CancellationToken.None));
    }

    /// <summary>The settings in force. The object is shared: to change it, call <see cref="ChangeAsync"/>.</summary>
    public ServerConfigOptions Current => _snapshot.Options;

    /// <summary>Raised after the settings have changed, on this or another instance.</summary>
    public event Action<ServerConfigOptions>? Changed;

    /// <summary>
    /// Loads the stored settings. Called at start, on a notice of another instance, and every few seconds in case a notice was lost.
    /// </summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var version = await database.Set<SettingsRecord>().Select(record => (long?)record.Version).SingleOrDefaultAsync(cancellationToken);
        if (version is null || version == _snapshot.Version)
        {
            return;
        }

        var record = await database.Set<SettingsRecord>().AsNoTracking().SingleAsync(cancellationToken);
        Publish(new Snapshot(record.Version, Open(record.Document)));
    }

    /// <summary>
    /// Changes a copy of the settings and stores it, unless a rule rejects it. The edit runs again if another instance was faster.
    /// </summary>
    /// <param name="actor">Who changes them; empty for the server itself.</param>
    public Task<Refusal?> ChangeAsync(
        Action<ServerConfigOptions> edit, CancellationToken cancellationToken, string actor = "")
    {
        ServerConfigOptions Edited(ServerConfigOptions options)
        {
            edit(options);
            return options;
        }

        return StoreAsync(Edited, actor, cancellationToken);
    }

    /// <summary>Replaces all settings and stores them, unless a rule rejects them.</summary>
    public Task<Refusal?> ReplaceAsync(ServerConfigOptions options, CancellationToken cancellationToken, string actor = "") =>
        StoreAsync(_ => Copy(options), actor, cancellationToken);

    /// <summary>Why these settings would be refused, or null.</summary>
    public Refusal? Check(ServerConfigOptions options) =>
        _rules.Select(rule => rule.Check(options)).FirstOrDefault(reason => reason is not null) is { } reason
            ? Refusal.Invalid("settings_invalid", reason)
            : null;

    /// <summary>Removes what this server cannot do from a whole configuration. Returns a sentence for each part.</summary>
    public IReadOnlyList<string> Reduce(ServerConfigOptions options) => [.. _rules.SelectMany(rule => rule.Reduce(options))];

    public void Dispose() => _changing.Dispose();

    private async Task<Refusal?> StoreAsync(
        Func<ServerConfigOptions, ServerConfigOptions> edit, string actor, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                await LoadAsync(cancellationToken);
                var before = _snapshot;
                var options = edit(Copy(before.Options));
                if (Check(options) is { } refusal)
                {
                    return refusal;
                }

                if (await TrySaveAsync(before.Version, options, actor, cancellationToken))
                {
                    _notices.Announce(Changes.Settings);
                    Publish(new Snapshot(before.Version + 1, options));
                    return null;
                }
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<bool> TrySaveAsync(
        long version, ServerConfigOptions options, string actor, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var document = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(options, CometJson.Options));
        var now = _time.GetUtcNow().UtcDateTime;
        foreach (var witness in _witnesses)
        {
            witness.Record(database, actor);
        }

        if (version == 0)
        {
            database.Add(new SettingsRecord { Version = 1, ChangedAt = now, Document = document });
            try
            {
                await database.SaveChangesAsync(cancellationToken);
                return true;
            }
            catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
            {
                return false;
            }
        }

        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.Set<SettingsRecord>().Where(record => record.Version == version).ExecuteUpdateAsync(
            change => change
                .SetProperty(record => record.Version, version + 1)
                .SetProperty(record => record.ChangedAt, now)
                .SetProperty(record => record.Document, document),
            cancellationToken) == 0)
        {
            return false;
        }

        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return true;
    }

    private void Publish(Snapshot snapshot)
    {
        lock (_publishing)
        {
            if (snapshot.Version <= _snapshot.Version)
            {
                return;
            }

            _snapshot = snapshot;
        }

        Changed?.Invoke(snapshot.Options);
    }

    private ServerConfigOptions Open(byte[] document) =>
        JsonSerializer.Deserialize<ServerConfigOptions>(_protector.Unprotect(document), CometJson.Options)!;

    private static ServerConfigOptions Copy(ServerConfigOptions options) =>
        JsonSerializer.Deserialize<ServerConfigOptions>(
            JsonSerializer.SerializeToUtf8Bytes(options, CometJson.Options), CometJson.Options)!;

    private static ServerConfigOptions Defaults() => new()
    {
        AuthenticationRole = new AuthenticationRoleOptions
        {
            RoleEnabled = true,
            GenerateMissedBackupEvents = true,
            GenerateScheduledEmails = true,
            PruneLogsAfterDays = 90,
        },
        StorageRole = new StorageRoleOptions { RoleEnabled = true },
        LoginProtection = new LoginProtectionOptions { Enabled = true, FailureThreshold = 5, CooldownSeconds = 300 },
    };

    private sealed record Snapshot(long Version, ServerConfigOptions Options);
}
