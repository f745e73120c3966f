using System.Text.RegularExpressions;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>The written list of settings is the real one.</summary>
public sealed partial class OptionListTests
{
    [Fact]
    public async Task Settings_in_the_documentation_are_those_of_the_server()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, _, errors) = await ServerProgram.RunAsync(directory.Path, ["--Halley:NoSuchSetting=1"]);
        var real = Setting().Matches(errors.Split("the settings are:")[1]).Select(match => match.Value);
        var written = Setting().Matches(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "operations", "settings.md")))
            .Select(match => match.Value);

        Assert.Equal(2, exitCode);
        Assert.Equal(real.Order(StringComparer.Ordinal), written.Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("Halley(:[A-Za-z]+)+")]
    private static partial Regex Setting();
}
