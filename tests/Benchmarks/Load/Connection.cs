using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Halley.Benchmarks.Load;

/// <summary>
/// One kept-alive HTTP/1.1 connection that does just enough: blocking calls on a socket, one buffer, no objects per answer. The
/// servers share the machine with the driver, so every cycle it takes is taken from them.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int BufferSize = 256 * 1024;

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    private readonly Target _target;
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly byte[] _request = new byte[BufferSize];
    private Stream _stream;
    private bool _closes;

    public Connection(Target target)
    {
        _target = target;
        _stream = Open(target.Server);
    }

    /// <summary>Sends a request without a body and reads the answer to its end. Answers the status.</summary>
    public int Send(string head, bool answerHasBody)
    {
        Reopen();
        _stream.Write(_request.AsSpan(0, Encoding.ASCII.GetBytes(head, _request)));
        return ReadAnswer(answerHasBody);
    }

    /// <summary>Sends a request whose body is stamp and tail. Answers the status.</summary>
    public int Send(string head, ReadOnlySpan<byte> stamp, ReadOnlySpan<byte> tail)
    {
        Reopen();
        var length = Encoding.ASCII.GetBytes(head, _request);
        stamp.CopyTo(_request.AsSpan(length));
        length += stamp.Length;

        // A small body travels with its head in one packet, a large one straight from where it lies.
        var together = Math.Min(tail.Length, _request.Length - length);
        tail[..together].CopyTo(_request.AsSpan(length));
        _stream.Write(_request.AsSpan(0, length + together));
        if (together < tail.Length)
        {
            _stream.Write(tail[together..]);
        }

        return ReadAnswer(hasBody: true);
    }

    public void Dispose() => _stream.Dispose();

    private static Stream Open(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (server.Scheme != Uri.UriSchemeHttps)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        secure.AuthenticateAsClient(server.Host);
        return secure;
    }

    private void Reopen()
    {
        if (_closes)
        {
            _stream.Dispose();
            _stream = Open(_target.Server);
            _closes = false;
        }
    }

    private int ReadAnswer(bool hasBody)
    {
        var filled = 0;
        int endOfHead;
        do
        {
            filled += ReadSome(filled);
            endOfHead = _buffer.AsSpan(0, filled).IndexOf(EndOfHead);
        }
        while (endOfHead < 0);

        var head = new AnswerHead(_buffer.AsSpan(0, endOfHead));
        _closes = head.Closes;
        if (hasBody && head.IsChunked)
        {
            throw new InvalidDataException("An answer with chunks is expected only for a list.");
        }

        var remaining = hasBody ? head.ContentLength - (filled - endOfHead - EndOfHead.Length) : 0;
        while (remaining > 0)
        {
            remaining -= ReadSome(0);
        }

        return head.Status;
    }

    private int ReadSome(int offset)
    {
        var count = _stream.Read(_buffer.AsSpan(offset));
        return count > 0 ? count : throw new EndOfStreamException("The server closed the connection in the midst of an answer.");
    }
}
