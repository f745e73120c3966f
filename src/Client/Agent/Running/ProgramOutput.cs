using System.Diagnostics;

namespace Halley.Client.Agent.Running;

/// <summary>
/// The output of a program as a stream, which starts the program when it is read first. When the program fails, the stream does not end
/// but fails, so that half an output never becomes a backup.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="onErrorLine">Receives each line of its standard error.</param>
internal sealed class ProgramOutput(OutputProgram program, Action<string> onErrorLine) : Stream
{
    private Process? _process;
    private Task _errors = Task.CompletedTask;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
