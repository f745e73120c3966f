using Halley.Server.Instances;

namespace Halley.Server.Live.Remote;

/// <summary>The devices of this instance of which others have to hear something new. With one instance nobody has to.</summary>
internal sealed class PresenceChanges(InstanceBus bus)
{
    private readonly Lock _lock = new();
    private HashSet<Guid> _ids = [];

    public void Note(Guid id)
    {
        if (!bus.IsUsed)
        {
            return;
        }

        lock (_lock)
        {
            _ids.Add(id);
        }
    }

    public IReadOnlySet<Guid> Take()
    {
        lock (_lock)
        {
            var taken = _ids;
            _ids = [];
            return taken;
        }
    }
}
