using System.Net;
using System.Net.WebSockets;
using Halley.Client.Accounts;
using Halley.Client.Agent.Commands;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Live;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Client.Agent.Connection;

/// <summary>Keeps the live connection: connects, attaches, beats, reports, leaves as the server says, and comes back.</summary>
internal sealed class AgentConnection
{
    private const int Unauthorized = 401;
    private static readonly TimeSpan WaitForSignIn = TimeSpan.FromMinutes(1);

    // The server knows this device, so that its attempts count as nobody's guesses.
    private static readonly TimeSpan WaitWhileSuspended = TimeSpan.FromSeconds(30);

    private readonly AgentOptions _options;
    private readonly JobHistory _history;
    private readonly CommandDesk _desk;
    private readonly JobReporter _reporter;
    private readonly BackOff _backOff;
    private readonly Guid _process = Guid.NewGuid();
    private readonly Uri _server;
    private string _lastMessage = "";

    public AgentConnection(AgentOptions options, JobHistory history, CommandDesk desk)
    {
        (_options, _history, _desk, _server) = (options, history, desk, options.State.RequireAccount().Server);
        _reporter = new JobReporter(history, options.State, options.Time, options.Warn);
        _backOff = new BackOff(options.Random);
    }

    /// <summary>True while the device is attached.</summary>
    public bool IsAttached { get; private set; }

    /// <summary>Called each time when the device is attached.</summary>
    public Action Attached { get; set; } = static () => { };

    /// <summary>Stays connected until it is cancelled, or this machine is signed in to another server.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_options.State.FindAccount() is { } account && account.Server != _server)
            {
                _options.Warn($"This machine is signed in to {account.Server} now. The agent ends, so that it starts again with it.");
                return;
            }

            var wait = await TryAsync(cancellationToken);
            IsAttached = false;
            await Task.Delay(wait, _options.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns how long to wait before the next attempt.
    private async Task<TimeSpan> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectAndServeAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (LinkRefusedException refused)
        {
            return await RefusedAsync(refused, cancellationToken);
        }
        catch (AccountException error)
        {
            return WaitAfter(error);
        }
        catch (Exception error) when (error is HttpRequestException or WebSocketException or IOException or HubException
            or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            Say(ConnectionProblem.Describe(error, _server, _options.Proxy));
            return _backOff.Next();
        }
    }

    private async Task<TimeSpan> ConnectAndServeAsync(CancellationToken cancellationToken)
    {
        var account = _options.State.RequireAccount();
        await using var link = await HubLink.OpenAsync(
            _options.Http, account.Server, account.SessionKey, _desk.Take, _options.Time, cancellationToken);
        var welcome = await link.Attach(AgentHello.Make(_process, _options));
        if (welcome.Code.Length > 0)
        {
            throw new IOException($"The server does not accept this device: {welcome.Message}");
        }

        _desk.ServerAhead = welcome.ServerTime - _options.Time.GetUtcNow().UtcDateTime;
        _backOff.Reset();
        (IsAttached, _lastMessage) = (true, "");
        _options.Inform($"Connected to {account.Server.Authority}.");
        Attached();
        _history.Signal();
        var order = await ServeAsync(link, TimeSpan.FromSeconds(Math.Clamp(welcome.HeartbeatSeconds, 1, 60)), cancellationToken);
        return order is null ? Lost() : await LeaveAsync(order, cancellationToken);
    }

    private async Task<LeaveOrder?> ServeAsync(HubLink link, TimeSpan beat, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] work =
        [
            BeatAsync(link, beat, ending.Token), _desk.RunAsync(link, ending.Token), _reporter.RunAsync(link, ending.Token),
        ];
        var first = await Task.WhenAny([link.Ended, .. work]);
        await ending.CancelAsync();
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first != link.Ended && !link.Ended.IsCompleted)
        {
            await first; // throws why it ended
        }

        return await link.Ended.WaitAsync(cancellationToken);
    }

    private async Task BeatAsync(HubLink link, TimeSpan interval, CancellationToken cancellationToken)
    {
        while (true)
        {
            await link.Heartbeat(new LiveHeartbeat(
                _options.Time.GetUtcNow().UtcDateTime, [.. _history.Running.Select(job => job.Id)]));
            await Task.Delay(interval, _options.Time, cancellationToken);
        }
    }

    private TimeSpan Lost()
    {
        Say($"The connection to {_server.Authority} broke.");
        return _backOff.Next();
    }

    private async Task<TimeSpan> LeaveAsync(LeaveOrder order, CancellationToken cancellationToken)
    {
        Say($"The server closed the connection: {order.Message}");
        if (order.Reason == LeaveReasons.SessionEnded)
        {
            await RenewAsync(cancellationToken);
            return _backOff.Next();
        }

        return order.ReconnectAfterSeconds is { } seconds
            ? _backOff.Spread(TimeSpan.FromSeconds(Math.Max(0, seconds)))
            : Timeout.InfiniteTimeSpan; // not before the program is started again
    }

    private async Task<TimeSpan> RefusedAsync(LinkRefusedException refused, CancellationToken cancellationToken)
    {
        if (refused.Status == Unauthorized)
        {
            try
            {
                await RenewAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return TimeSpan.Zero;
            }
            catch (AccountException error)
            {
                return WaitAfter(error);
            }
            catch (HttpRequestException error)
            {
                Say(ConnectionProblem.Describe(error, _server, _options.Proxy));
            }

            return _backOff.Next();
        }

        Say(refused.Status == (int)HttpStatusCode.ServiceUnavailable
            ? $"{_server.Authority} is busy or being started."
            : $"{_server.Authority} answered {refused.Status}: it is not a Halley server, or what is before it lets no websocket through.");
        return refused.RetryAfter is { } wait ? _backOff.Spread(wait) : _backOff.Next();
    }

    private TimeSpan WaitAfter(AccountException error)
    {
        Say(error.Message);
        return _backOff.Spread(error.Fault == AccountFault.Suspended ? WaitWhileSuspended : WaitForSignIn);
    }

    private async Task RenewAsync(CancellationToken cancellationToken) =>
        await _options.Account.EnsureSessionAsync(_options.ClientVersion, cancellationToken);

    // The same every minute would fill a log.
    private void Say(string message)
    {
        if (message != _lastMessage)
        {
            _options.Warn(message);
            _lastMessage = message;
        }
    }
}
