using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Halley.Testing;

/// <summary>An e-mail that arrived.</summary>
public sealed record ReceivedEmail(string Sender, string Recipient, string Content);

/// <summary>A minimal mail server. It speaks SMTP without encryption, refuses as often as the test sets, and keeps the messages.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ReceivedEmail> _received = new();
    private readonly Task _accepting;
    private int _refusals;

    public SmtpListener()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<ReceivedEmail> Received => [.. _received];

    /// <summary>The name that the last client gave itself.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>Refuses that many messages from now on.</summary>
    public void RefuseNext(int count) => Interlocked.Exchange(ref _refusals, count);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        var (sender, recipient) = ("", "");
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO" or "HELO":
                    Greeting = line[5..];
                    await writer.WriteLineAsync("250 8BITMIME");
                    break;
                case "MAIL" when Interlocked.Decrement(ref _refusals) >= 0:
                    await writer.WriteLineAsync("451 not now");
                    break;
                case "MAIL":
                    sender = line["MAIL FROM:".Length..];
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "RCPT":
                    recipient = line["RCPT TO:".Length..].Trim('<', '>');
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    _received.Enqueue(new ReceivedEmail(sender, recipient, await ReadContentAsync(reader)));
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                default:
                    await writer.WriteLineAsync("250 ok");
                    break;
            }
        }
    }

    private async Task<string> ReadContentAsync(StreamReader reader)
    {
        var content = new StringBuilder();
        while (await reader.ReadLineAsync(_stopping.Token) is { } line && line != ".")
        {
            content.Append(line).Append('\n');
        }

        return content.ToString();
    }
}
