using System.Collections.Concurrent;

namespace Halley.Server.Live;

/// <summary>The websockets that are open, attached or not.</summary>
internal sealed class LiveSockets
{
    private readonly ConcurrentDictionary<string, LiveSocket> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public IEnumerable<LiveSocket> All => _open.Values;

    public void Add(LiveSocket socket) => _open[socket.Id] = socket;

    public LiveSocket? Find(string id) => _open.GetValueOrDefault(id);

    public LiveSocket? Remove(string id) => _open.TryRemove(id, out var socket) ? socket : null;
}
