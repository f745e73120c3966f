using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Client.Accounts;

namespace Halley.Cli;

/// <summary>A command line that was understood, and where its output goes.</summary>
internal sealed class VerbContext(ParseResult parsed, Terminal terminal, TimeProvider time)
{
    public Terminal Terminal => terminal;

    public TimeProvider Time => time;

    /// <summary>Where the vault is, once it is open.</summary>
    public VaultPlace? Place { get; set; }

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Runs a verb. Whatever happens becomes an exit code and at most one line.</summary>
    public static async Task<int> RunAsync(
        ParseResult parsed, Func<VerbContext, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        using var terminal = new Terminal(parsed.GetValue(SharedOptions.Json), SharedOptions.VerbosityOf(parsed));
        try
        {
            return await run(new VerbContext(parsed, terminal, TimeProvider.System), cancellationToken);
        }
        catch (Exception error)
        {
            var failure = Failure.Of(error);
            terminal.Fail(failure);
            return failure.ExitCode;
        }
    }
}
