using System.Net.Sockets;
using System.Text;

namespace Halley.Server.Tests.StorageRole;

/// <summary>An upload whose sender announces much, sends little, and then stays silent.</summary>
internal sealed class StalledUpload : IAsyncDisposable
{
    private readonly TcpClient _socket = new();

    public static async Task<StalledUpload> StartAsync(BucketHost host, string secret, long announced, int sent)
    {
        var upload = new StalledUpload();
        await upload._socket.ConnectAsync(host.Vault.BaseAddress!.Host, host.Vault.BaseAddress.Port);
        var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{host.Id}:{secret}"));
        var head = $"POST {host.Url("data/" + new string('0', 64))} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credential}\r\n"
            + $"Content-Length: {announced}\r\n\r\n";
        await upload._socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        await upload._socket.GetStream().WriteAsync(new byte[sent]);
        return upload;
    }

    /// <summary>The status of the response; 0 if the server ends the connection without one.</summary>
    public async Task<int> StatusAsync()
    {
        try
        {
            var line = await new StreamReader(_socket.GetStream()).ReadLineAsync();
            return line is null ? 0 : int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
