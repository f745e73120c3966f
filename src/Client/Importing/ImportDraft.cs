using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Halley.Client.Accounts;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>A plan that is being made.</summary>
internal sealed class ImportDraft(ImportSource source, ImportTarget target)
{
    public const string FileEngine = "engine1/file";

    public ImportPlan Plan { get; } = new(source);

    public TimeZoneInfo Zone { get; } = ScheduleCalendar.ZoneOf(
        target.Profile.Devices.GetValueOrDefault(target.DeviceId)?.DeviceTimezone ?? "", target.Profile.LocalTimezone);

    /// <summary>True when the vault for what cannot be imported was named.</summary>
    public bool HasVault => target.Vault is not null;

    public DateTimeOffset Now => target.Time.GetUtcNow();

    private long NowSeconds => Now.ToUnixTimeSeconds();

    public void Imported(string place, string message) => Plan.Lines.Add(new(place, ImportVerdict.Imported, message));

    public void Changed(string place, string message) => Plan.Lines.Add(new(place, ImportVerdict.Changed, message));

    public void NotImported(string place, string message) => Plan.Lines.Add(new(place, ImportVerdict.NotImported, message));

    /// <summary>A protected item of files.</summary>
    public static SourceConfig Files(string name) => new() { Engine = FileEngine, Description = name };

    /// <summary>Adds a setting of an engine that may occur several times.</summary>
    public static void Add(SourceConfig item, string kind, string value)
    {
        var number = item.EngineProps.Keys.Count(key => key.StartsWith($"{kind}-", StringComparison.Ordinal)) + 1;
        item.EngineProps[string.Create(CultureInfo.InvariantCulture, $"{kind}-{number:0000}")] = value;
    }

    /// <summary>Adds a protected item, unless an earlier import has added it; null when the policy forbids it.</summary>
    public string? AddItem(string place, string key, SourceConfig item)
    {
        var id = IdOf("item", key);
        var policy = target.Profile.Policy;
        if (target.Profile.Sources.ContainsKey(id))
        {
            NotImported(place, "An earlier import has added this protected item. It stays as it is.");
            return id;
        }

        if (policy.PreventNewProtectedItem || (policy.ProtectedItemEngineTypes.ShouldRestrictEngineTypeList
            && !policy.ProtectedItemEngineTypes.AllowedEngineTypeWhenRestricted.Contains(item.Engine)))
        {
            NotImported(place, "The policy of the account forbids this protected item. Ask the administrator.");
            return null;
        }

        (item.OwnerDevice, item.CreateTime, item.ModifyTime) = (target.DeviceId, NowSeconds, NowSeconds);
        Plan.Items[id] = item;
        Imported(place, $"The protected item '{item.Description}'.");
        return id;
    }

    /// <summary>
    /// The vault at a place, which is added when neither the profile nor the plan has one there; null when the policy forbids it.
    /// </summary>
    public string? AddVault(string place, DestinationConfig vault)
    {
        if (FindVault(place, vault) is { } known)
        {
            return known;
        }

        var policy = target.Profile.Policy;
        if (policy.PreventAddCustomStorageVault || (policy.StorageVaultProviders.ShouldRestrictProviderList
            && !policy.StorageVaultProviders.AllowedProvidersWhenRestricted.Contains(vault.DestinationType)))
        {
            NotImported(place, "The policy of the account forbids this vault. Ask the administrator.");
            return null;
        }

        var id = IdOf("vault", KeyOf(vault));
        var names = target.Profile.Destinations.Values.Concat(Plan.Vaults.Values).Select(other => other.Description)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var (name, number) = (vault.Description, 2); names.Contains(vault.Description); number++)
        {
            vault.Description = $"{name} {number}";
        }

        (vault.CreateTime, vault.ModifyTime, vault.AssociatedDevices) = (NowSeconds, NowSeconds, [target.DeviceId]);
        Plan.Vaults[id] = vault;
        return id;
    }

    /// <summary>The vault at a place that the profile or the plan has; null when there is none.</summary>
    public string? FindVault(string place, DestinationConfig vault)
    {
        var known = target.Profile.Destinations.Concat(Plan.Vaults).FirstOrDefault(other => IsSamePlace(other.Value, vault)).Key;
        if (known is not null)
        {
            Imported(place, $"The vault {NameOf(known)} is there already and is used.");
        }

        return known;
    }

    /// <summary>An id for a folder of this device, in the form of a GUID.</summary>
    public string IdOf(string kind, string key) => new Guid(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Kind}\n{target.DeviceId}\n{kind}\n{key}")).AsSpan(0, 16)).ToString();

    /// <summary>The vault that takes the place of the other program's server; null when there is no such vault.</summary>
    public string? Offsite(string place)
    {
        if (target.Vault is { } name)
        {
            return ProfileVault.Find(target.Profile, name).Id;
        }

        var vaults = ProfileVault.Of(target.Profile)
            .Where(vault => vault.IsSupported && vault.Config.DestinationType != DestinationTypes.LocalPath).ToList();
        if (vaults is [var only])
        {
            Changed(place, $"The backups go to the vault {NameOf(only.Id)} instead of the other program's server.");
            return only.Id;
        }

        NotImported(place, vaults.Count == 0
            ? "The account has no vault on a server, so no rule was made. Ask for a vault, then import again or add a rule."
            : "The account has several vaults on servers, so no rule was made. Name one with --vault.");
        return null;
    }

    /// <summary>Adds a rule that backs up an item to a vault, unless an earlier import has added it.</summary>
    public void AddRule(string name, string itemId, string vaultId, BackupRuleConfig rule)
    {
        var copy = CometJson.Copy(rule);
        (copy.Description, copy.Source, copy.Destination) = (name, itemId, vaultId);
        (copy.CreateTime, copy.ModifyTime) = (NowSeconds, NowSeconds);
        var id = IdOf("rule", $"{itemId}\n{vaultId}");
        if (!target.Profile.BackupRules.ContainsKey(id))
        {
            Plan.Rules[id] = copy;
        }
    }

    public string NameOf(string vaultId) =>
        $"'{(Plan.Vaults.GetValueOrDefault(vaultId) ?? target.Profile.Destinations[vaultId]).Description}'";

    private static bool IsSamePlace(DestinationConfig one, DestinationConfig other) =>
        one.DestinationType == other.DestinationType && KeyOf(one) == KeyOf(other);

    private static string KeyOf(DestinationConfig vault) => vault.DestinationType == DestinationTypes.LocalPath
        ? vault.LocalcopyPath.TrimEnd('/', '\\')
        : $"{vault.CometServer.TrimEnd('/')}\n{vault.CometBucket}";
}
