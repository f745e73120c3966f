using System.Text.RegularExpressions;

namespace Halley.Server.Tests.Layout;

/// <summary>
/// What the features of a role may use of each other. The files at the root of a role are for all of its features, so they use none of
/// them; only its <c>…Setup.cs</c> sees all. An exception states its reason, and the test fails when it is no longer needed.
/// </summary>
public partial class FeatureTests
{
    // Features of one role, each with those it may use. The table has no cycles, which a test checks.
    private static readonly Dictionary<string, Dictionary<string, string[]>> Arrows = new()
    {
        ["Server/StorageRole"] = new()
        {
            ["Verification"] = [],
            ["Buckets"] = ["Verification"],
            ["BandwidthLimits"] = ["Buckets"],
            ["Quotas"] = ["Buckets"],
            ["Trash"] = ["Buckets"],
            ["Volumes"] = ["Buckets", "Verification"],
            ["Scrubs"] = ["Buckets", "Verification", "Volumes"],
            ["Moves"] = ["Scrubs", "Volumes"],
            ["Transfers"] = ["Buckets", "Scrubs"],
            ["Vault"] = ["BandwidthLimits", "Buckets", "Quotas", "Scrubs"],
        },
        ["Server/AuthRole"] = new()
        {
            ["SignIn"] = [],
            ["Sessions"] = ["SignIn"],
            ["Tokens"] = ["SignIn"],
            ["Profiles"] = ["Sessions", "SignIn"],
            ["Devices"] = ["Profiles", "Sessions", "SignIn"],
            ["Groups"] = ["BackupJobs", "Profiles", "SignIn"],
            ["Quotas"] = ["Profiles"],
            ["UserPolicies"] = ["Profiles", "SignIn"],
            ["VaultRequests"] = ["BackupJobs", "Profiles", "SignIn"],
            ["BackupJobs"] = ["Profiles", "SignIn"],
            ["MissedBackups"] = ["BackupJobs", "Profiles"],
            ["Reports"] = ["BackupJobs", "Profiles", "SignIn"],
            ["Accounts"] = ["BackupJobs", "Devices", "Profiles", "Sessions", "SignIn", "Tokens", "VaultRequests"],
            ["ClientPackages"] = [],
            ["News"] = [],
        },
        ["Server/Live"] = new()
        {
            ["Commands"] = [],
            ["Lobby"] = [],
            ["Presence"] = ["Commands", "Lobby"],
            ["Devices"] = ["Commands", "Presence"],
            ["Remote"] = ["Commands", "Presence"],
        },
        ["Server/AdminWeb"] = new()
        {
            ["Browser"] = [],
            ["Security"] = [],
            ["Layout"] = ["Browser"],
            ["SignIn"] = ["Browser", "Layout", "Security"],
            ["Account"] = ["Browser", "Layout", "Security", "SignIn"],
            ["Storage"] = ["Browser", "Layout", "Security"],
            ["Devices"] = ["Browser", "Layout", "Security"],
            ["Accounts"] = ["Browser", "Devices", "Layout", "Security"],
            ["Dashboard"] = ["Browser", "Layout", "Security", "Storage"],
        },
        ["Server/CometApi"] = new()
        {
            ["Wire"] = [],
            ["Transport"] = ["Wire"],
            ["Calls"] = ["Transport", "Wire"],
        },
        ["Storage"] = new()
        {
            ["Memory"] = [],
            ["Remote"] = [],
            ["Disk"] = [],
            ["Spanning"] = ["Disk"],
            ["Trash"] = ["Disk", "Spanning"],
            ["Scrubbing"] = ["Disk", "Spanning"],
            ["Moving"] = ["Disk", "Scrubbing", "Spanning", "Trash"],
        },
    };

    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["Server/AdminWeb → SignIn"] = "The router sends those who are not signed in to the sign-in page.",
        ["Server/AdminWeb/SignIn → Account"] = "The form that uses a passkey is beside the page that manages them.",
    };

    [Fact]
    public void Features_only_use_the_features_of_the_table()
    {
        var found = Arrows.Keys.SelectMany(FindArrows).ToHashSet();
        var allowed =
            Arrows.SelectMany(role => role.Value.SelectMany(feature => feature.Value.Select(used => $"{role.Key}/{feature.Key} → {used}")));

        Assert.Empty(found.Except(allowed).Except(Exceptions.Keys).Order(StringComparer.Ordinal));
        Assert.Empty(Exceptions.Keys.Except(found).Select(arrow => $"{arrow}: no longer needed as an exception"));
    }

    [Fact]
    public void Every_feature_is_in_the_table_and_the_table_has_no_cycle()
    {
        foreach (var (role, features) in Arrows)
        {
            Assert.Equal(SourceFiles.Folders(["src", .. role.Split('/')]).Order(StringComparer.Ordinal),
                features.Keys.Order(StringComparer.Ordinal));
            var rest = features.ToDictionary();
            while (rest.Keys.FirstOrDefault(feature => !rest[feature].Any(rest.ContainsKey)) is { } lowest)
            {
                rest.Remove(lowest);
            }

            Assert.Empty(rest.Keys.Select(feature => $"{role}/{feature} is part of a cycle"));
        }
    }

    // Pages call methods of features, which return records of Protocol.
    [Fact]
    public void Pages_see_neither_the_storage_engine_nor_the_database()
    {
        var found = SourceFiles.Code("src", "Server", "AdminWeb").Where(file => Engine().IsMatch(File.ReadAllText(file)))
            .Select(SourceFiles.Relative).ToList();

        Assert.Empty(found);
    }

    private static IEnumerable<string> FindArrows(string role)
    {
        var name = "Halley." + role.Replace('/', '.');
        var features = SourceFiles.Folders(["src", .. role.Split('/')]).ToHashSet();
        foreach (var file in SourceFiles.Code(["src", .. role.Split('/')]))
        {
            var own = Path.GetRelativePath(SourceFiles.Path(["src", .. role.Split('/')]), file).Split(Path.DirectorySeparatorChar);
            if (own.Length == 1 && (own[0].EndsWith("Setup.cs", StringComparison.Ordinal) || own[0] == "_Imports.razor"))
            {
                continue;
            }

            var from = own.Length == 1 ? role : $"{role}/{own[0]}";
            foreach (var used in Regex.Matches(File.ReadAllText(file), $@"\b{Regex.Escape(name)}\.(\w+)")
                .Select(match => match.Groups[1].Value))
            {
                if (features.Contains(used) && (own.Length == 1 || used != own[0]))
                {
                    yield return $"{from} → {used}";
                }
            }
        }
    }

    [GeneratedRegex(@"\bHalley\.Storage\b|\bMicrosoft\.EntityFrameworkCore\b|\bServerDbContext\b")]
    private static partial Regex Engine();
}
