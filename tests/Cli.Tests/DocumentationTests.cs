using System.CommandLine;
using Halley.Cli.Documentation;
using Halley.Cli.Settings;

namespace Halley.Cli.Tests;

/// <summary>Help, manual and completions say what the command does.</summary>
public sealed class DocumentationTests
{
    private static readonly RootCommand Root = HalleyCommand.Create();

    private static IEnumerable<Command> Commands => AllBelow(Root);

    [Fact]
    public void Every_command_and_option_is_described_and_every_command_has_examples()
    {
        Assert.All(Commands, command => Assert.False(string.IsNullOrEmpty(command.Description), command.Name));
        Assert.All(
            Commands.SelectMany(command => command.Options).Concat(Root.Options),
            option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
        Assert.All(Commands.Where(command => command.Subcommands.Count == 0), command => Assert.NotEmpty(((Verb)command).Examples));
    }

    [Fact]
    public void Every_example_is_a_command_line_that_is_understood()
    {
        foreach (var example in Commands.OfType<Verb>().SelectMany(verb => verb.Examples))
        {
            var words = CommandLine.Split(example.Split(" > ")[0]).Skip(1);
            Assert.True(Root.Parse([.. words]).Errors.Count == 0, example);
        }
    }

    [Fact]
    public void Help_of_every_command_fits_the_terminal_and_names_its_options()
    {
        foreach (var command in Commands)
        {
            var help = HelpText.Of(command);
            Assert.All(command.Options, option => Assert.Contains(option.Name, help, StringComparison.Ordinal));
            Assert.All(
                help.Split('\n').Where(line => !line.StartsWith("  halley", StringComparison.Ordinal)),
                line => Assert.InRange(line.Length, 0, 110));
        }
    }

    [Theory]
    [InlineData("man/halley.1", "man")]
    [InlineData("completions/halley.bash", "bash")]
    [InlineData("completions/_halley", "zsh")]
    [InlineData("completions/halley.fish", "fish")]
    public void Files_in_deploy_are_what_the_command_prints(string file, string kind)
    {
        var text = kind switch
        {
            "man" => Manual.Of(Root),
            "bash" => Completions.Bash(Root),
            "zsh" => Completions.Zsh(Root),
            _ => Completions.Fish(Root),
        };

        Assert.True(
            File.ReadAllText(Checkout.PathOf($"deploy/{file}")) == text,
            $"Run: dotnet run --project src/Cli -c Release -- completion {kind} > deploy/{file}");
    }

    [Fact]
    public async Task Bash_completes_commands_and_options()
    {
        var script = Checkout.PathOf("deploy/completions/halley.bash");
        var run = await ExternalProgram.RunAsync(
            Tools.Require("bash", "bash"),
            ["-c", $"source {script}; COMP_WORDS=(halley -q key re); COMP_CWORD=3; _halley; echo \"${{COMPREPLY[@]}}\"; "
                + "COMP_WORDS=(halley backup --exclude-c); COMP_CWORD=2; _halley; echo \"${COMPREPLY[@]}\""]);

        Assert.Equal("remove\n--exclude-caches\n", run.EnsureSuccess().StandardOutput);
    }

    private static IEnumerable<Command> AllBelow(Command command) => command.Subcommands.SelectMany(verb => AllBelow(verb).Prepend(verb));
}
