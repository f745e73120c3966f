using System.Diagnostics;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>
/// The output of a program as a stream, which starts the program when it is read first. When the program fails, the stream does not end
/// but fails, so that half an output never becomes a backup.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="onErrorLine">Receives each line of its standard error.</param>
internal sealed class ProgramOutput(OutputProgram program, Action<string> onErrorLine) : ForwardOnlyStream
{
    private Process? _process;
    private Task _errors = Task.CompletedTask;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var process = _process ??= Start(cancellationToken);
        var read = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);
        if (read == 0 && buffer.Length > 0)
        {
            await process.WaitForExitAsync(cancellationToken);
            await _errors;
            if (process.ExitCode != 0)
            {
                throw new IOException($"The command exited with {process.ExitCode}, so no snapshot of its output was made.");
            }
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _process is { } process)
        {
            ShellCommand.End(process);
            process.Dispose();
        }

        base.Dispose(disposing);
    }

    private Process Start(CancellationToken cancellationToken)
    {
        var process = ShellCommand.Start(program.Command, program.Directory);
        _errors = ShellCommand.ReadLinesAsync(process.StandardError, onErrorLine, cancellationToken);
        return process;
    }
}
