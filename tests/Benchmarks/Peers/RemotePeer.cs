using Halley.Benchmarks.Load;

namespace Halley.Benchmarks.Peers;

/// <summary>Any restic REST repository, given by its URL. The benchmark's files are removed again; nothing else is touched.</summary>
internal sealed class RemotePeer : MeasuredServer
{
    private RemotePeer(Uri url)
    {
        Name = url.Host;
        Target = new Target(
            new Uri(url.GetLeftPart(UriPartial.Scheme) + url.Authority),
            $"{url.AbsolutePath.TrimEnd('/')}/data/",
            Credentials: url.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(url.UserInfo));
    }

    public override string Name { get; }

    public override Target Target { get; }

    /// <summary>Makes the repository's folders where the server wants that; one that has them answers as well.</summary>
    public static Task<RemotePeer> OpenAsync(Uri url)
    {
        var peer = new RemotePeer(url);
        using var connection = new Connection(peer.Target);
        var create = peer.Target with { Folder = $"{url.AbsolutePath.TrimEnd('/')}/?create=true" };
        var status = connection.Send(create.Head("POST", "", "Content-Length: 0\r\n"), answerHasBody: true);
        return status == 200
            ? Task.FromResult(peer)
            : throw new InvalidOperationException($"{url.Host} answered {status} when the repository was to be made.");
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
