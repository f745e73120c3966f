using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Halley.Server.Tests.Layout;

/// <summary>The rules of the house, as tables. A new arrow is a decision: change the table in the same change and say why.</summary>
public partial class LayoutTests
{
    private static readonly Dictionary<string, string[]> ProjectArrows = new()
    {
        ["Protocol"] = [],
        ["Storage"] = [],
        ["Server"] = ["Protocol", "Storage"],
        ["Client"] = ["Protocol", "Storage"],
        ["Cli"] = ["Client"],
    };

    // What each folder of the server may use of the other folders; Hosting is the framework's side and knows nothing of the product.
    private static readonly Dictionary<string, string[]> FolderArrows = new()
    {
        ["Hosting"] = [],
        ["Access"] = ["Hosting"],
        ["Data"] = ["Hosting", "Access"],
        ["Instances"] = ["Hosting", "Data"],
        ["Periodic"] = ["Hosting", "Data", "Instances"],
        ["Tasks"] = ["Hosting", "Access", "Data"],
        ["Credentials"] = ["Hosting", "Access", "Data", "Settings", "Events"],
        ["Settings"] = ["Hosting", "Access", "Data", "Instances", "Periodic"],
        ["Events"] = ["Hosting", "Access", "Data", "Instances", "Periodic", "Settings"],
        ["Organizations"] = ["Hosting", "Access", "Data", "Instances", "Periodic", "Settings", "Events"],
        ["Administrators"] = ["Hosting", "Access", "Data", "Instances", "Periodic", "Credentials", "Settings", "Events", "Organizations"],
        ["StorageRole"] =
            ["Hosting", "Access", "Data", "Instances", "Periodic", "Tasks", "Credentials", "Settings", "Events", "Organizations"],
        ["AuthRole"] = ["Hosting", "Access", "Data", "Periodic", "Credentials", "Settings", "Events", "Organizations"],
        ["Live"] =
        [
            "Hosting", "Access", "Data", "Instances", "Periodic", "Credentials", "Settings", "Events", "Organizations", "Administrators",
                "AuthRole",
        ],
        ["OwnVaults"] = // the only feature that uses both roles
            ["Access", "Periodic", "Organizations", "Settings", "StorageRole", "AuthRole", "Live"],
        ["Attention"] = ["Access", "Organizations", "Periodic", "StorageRole", "AuthRole", "Tasks"], // collects from all
        ["CometApi"] =
        [
            "Hosting", "Access", "Credentials", "Settings", "Events", "Organizations", "Administrators", "StorageRole", "AuthRole", "Live",
        ],
        ["Metrics"] = // shows the state of all
        [
            "Hosting", "Access", "Data", "Instances", "Periodic", "Tasks", "Credentials", "StorageRole", "AuthRole", "Live",
        ],
        ["ApiDocuments"] = ["Hosting", "CometApi"],
        ["AdminWeb"] =
        [
            "Hosting", "Access", "Periodic", "Tasks", "Credentials", "Settings", "Events", "Organizations", "Administrators", "StorageRole",
            "AuthRole", "Live", "Attention",
        ],
    };

    private static readonly string[] ForbiddenFolders =
        ["Services", "Repositories", "Interfaces", "Helpers", "Utils", "Common", "Managers", "Extensions"];

    [Fact]
    public void Projects_only_use_the_projects_of_the_table()
    {
        foreach (var file in Directory.GetFiles(SourceFiles.Path("src"), "*.csproj", SearchOption.AllDirectories))
        {
            var used = XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.Empty(used.Except(ProjectArrows[Path.GetFileNameWithoutExtension(file)]).Select(name => $"{file} → {name}"));
        }
    }

    [Fact]
    public void Folders_of_the_server_only_use_the_folders_of_the_table()
    {
        var wrong = new List<string>();
        foreach (var folder in SourceFiles.Folders("src", "Server"))
        {
            Assert.True(FolderArrows.ContainsKey(folder), $"{folder} is not in the table");
            foreach (var file in SourceFiles.Code("src", "Server", folder))
            {
                var used = ServerNamespace().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Distinct();
                wrong.AddRange(used.Where(name => name != folder && FolderArrows.ContainsKey(name) && !FolderArrows[folder].Contains(name))
                    .Select(name => $"{SourceFiles.Relative(file)} → {name}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Folder_names_are_words_of_an_operator() =>
        Assert.DoesNotContain(
            Directory.GetDirectories(SourceFiles.Path("src"), "*", SearchOption.AllDirectories),
            path => !SourceFiles.IsGenerated(path) && ForbiddenFolders.Contains(Path.GetFileName(path)));

    [Fact]
    public void Program_is_a_table_of_contents() =>
        Assert.InRange(File.ReadLines(SourceFiles.Path("src", "Server", "Program.cs")).Count(), 1, 80);

    [Fact]
    public void Routes_alone_builds_paths_of_our_api_and_of_vaults()
    {
        var found = SourceFiles.Code("src")
            .Where(file => !SourceFiles.Relative(file).StartsWith("src/Protocol/Routes.", StringComparison.Ordinal))
            .SelectMany(file => BuiltPath().Matches(File.ReadAllText(file))
                .Select(match => $"{SourceFiles.Relative(file)}: {match.Value}"));

        Assert.Empty(found);
    }

    // A literal, or a route with something inserted, added or replaced. The vendor's calls are named by the vendor.
    [GeneratedRegex("""
        "/api/v2|"/vault/|\{Routes\.(?!CometApi\b)\w+[.}]|\bRoutes\.(?!CometApi\b)[A-Z]\w* \+|\bRoutes\.\w+\.Replace\b
        """)]
    private static partial Regex BuiltPath();

    [GeneratedRegex(@"Halley\.Server\.([A-Z][A-Za-z]+)")]
    private static partial Regex ServerNamespace();
}
