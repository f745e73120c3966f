using System.ComponentModel;
using System.Diagnostics;
using Halley.Storage;

namespace Halley.Cli.Vaults;

/// <summary>
/// The output of a program as a stream. When the program fails, the stream does not end but fails, so that half an output never becomes a
/// backup.
/// </summary>
internal sealed class CommandOutput : ForwardOnlyStream
{
    private readonly Process _process;

    private CommandOutput(Process process) => _process = process;

    public static CommandOutput Start(IReadOnlyList<string> command)
    {
        try
        {
            var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true };
            return new(Process.Start(start) ?? throw new CommandException($"{command[0]} cannot be started."));
        }
        catch (Win32Exception error)
        {
            throw new CommandException($"{command[0]} cannot be started: {error.Message}");
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);
        if (read == 0 && buffer.Length > 0)
        {
            await _process.WaitForExitAsync(cancellationToken);
            if (_process.ExitCode != 0)
            {
                throw new CommandException(
                    $"{_process.StartInfo.FileName} exited with {_process.ExitCode}, so no snapshot of its output was made.");
            }
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        base.Dispose(disposing);
    }
}
