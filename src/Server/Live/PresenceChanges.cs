using Halley.Server.Instances;

namespace Halley.Server.Live;

/// <summary>The devices of this instance whose changes other instances do not know yet; always empty with one instance.</summary>
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
