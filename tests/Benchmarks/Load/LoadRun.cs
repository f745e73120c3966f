using System.Diagnostics;

namespace Halley.Benchmarks.Load;

/// <summary>Operations that were answered well, and how long they took together.</summary>
internal sealed record LoadResult(long Operations, TimeSpan Elapsed);

/// <summary>Sends one kind of request over several connections at once, each on a thread of its own.</summary>
internal sealed class LoadRun
{
    private readonly Target _target;
    private readonly Operation _operation;
    private readonly Contents _contents;
    private readonly TimeSpan? _time;
    private readonly Stopwatch _clock = new();
    private int _next = -1;
    private long _done;
    private volatile Exception? _failure;

    private LoadRun(Target target, Operation operation, Contents contents, TimeSpan? time)
    {
        _target = target;
        _operation = operation;
        _contents = contents;
        _time = time;
    }

    /// <summary>Goes once through all files.</summary>
    public static LoadResult Once(Target target, Operation operation, Contents contents, int connections) =>
        new LoadRun(target, operation, contents, time: null).Run(connections);

    /// <summary>Goes through the files over and over until the time is up.</summary>
    public static LoadResult For(Target target, Operation operation, Contents contents, int connections, TimeSpan time) =>
        new LoadRun(target, operation, contents, time).Run(connections);

    private LoadResult Run(int connections)
    {
        using var start = new Barrier(connections + 1);
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() => Work(start))).ToList();
        threads.ForEach(thread => thread.Start());
        start.SignalAndWait();
        _clock.Start();
        threads.ForEach(thread => thread.Join());
        var elapsed = _clock.Elapsed;
        return _failure is null ? new LoadResult(_done, elapsed) : throw new InvalidOperationException(_failure.Message, _failure);
    }

    private void Work(Barrier start)
    {
        Connection? connection = null;
        try
        {
            connection = new Connection(_target);

            // Opens the connection and has the credential checked, which happens once in a client's life.
            connection.Send(_target.Head("HEAD", new string('0', 64)), answerHasBody: false);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        start.SignalAndWait();
        try
        {
            while (_failure is null && Take() is { } index)
            {
                Send(connection!, index);
                Interlocked.Increment(ref _done);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private int? Take()
    {
        var index = Interlocked.Increment(ref _next);
        return _time is { } time
            ? (_clock.Elapsed < time ? index % _contents.Count : null)
            : (index < _contents.Count ? index : null);
    }

    private void Send(Connection connection, int index)
    {
        var name = _contents.Names[index];
        var status = _operation switch
        {
            Operation.Upload => connection.Send(
                _target.Head(_target.UploadMethod, name, $"Content-Type: application/octet-stream\r\nContent-Length: {_contents.Size}\r\n"),
                _contents.StampOf(index),
                _contents.Tail),
            Operation.Download => connection.Send(_target.Head("GET", name), answerHasBody: true),
            Operation.Head => connection.Send(_target.Head("HEAD", name), answerHasBody: false),
            Operation.Delete => connection.Send(_target.Head("DELETE", name), answerHasBody: true),
            _ => throw new InvalidOperationException($"No such operation: {_operation}"),
        };
        if (status is < 200 or > 299)
        {
            throw new InvalidOperationException($"{_operation} of {_target.Folder}{name} on {_target.Server} was answered with {status}.");
        }
    }
}
