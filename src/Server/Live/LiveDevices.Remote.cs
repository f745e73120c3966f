using Halley.Server.Live.Remote;

namespace Halley.Server.Live;

internal sealed partial class LiveDevices
{
    /// <summary>
    /// Takes what another instance tells of a device that is connected to it. Answers the device of this instance that has to go because of that:
    /// it has attached there later than here.
    /// </summary>
    public Yielded? Learn(Guid owner, SharedDevice facts)
    {
        lock (_lock)
        {
            var known = _byKey.GetValueOrDefault(facts.Key);
            var isOwner = known is RemoteDevice remote && remote.Owner == owner;
            if (isOwner && known!.Id == facts.Id)
            {
                facts.CopyTo((RemoteDevice)known);
                return null;
            }

            if (known is not null && !isOwner && known.Turn >= facts.Turn)
            {
                // It is here, or elsewhere, since; who tells of it has not heard that yet.
                return null;
            }

            var isSame = known?.Hello.ProcessId == facts.Hello.ProcessId;
            if (known is not null && !isSame)
            {
                // Remembered here, too: whichever instance it comes back to has to notice the clone.
                _clones.IsClone(facts.Key, known.Hello.ProcessId, facts.Hello.ProcessId);
            }

            Put(facts.ToDevice(owner), known);
            if (known is not LocalDevice local)
            {
                return null;
            }

            var socket = local.Socket;
            (local.Socket, local.DetachedAt) = (null, local.DetachedAt ?? time.GetUtcNow());
            return new Yielded(local, socket, isSame);
        }
    }

    /// <summary>A device is not connected to another instance any more. Null when it is known to be somewhere else, or not at all.</summary>
    public RemoteDevice? Forget(Guid owner, Guid id)
    {
        lock (_lock)
        {
            if (_byId.GetValueOrDefault(id) is not RemoteDevice device || device.Owner != owner)
            {
                return null;
            }

            Take(device);
            return device;
        }
    }

    /// <summary>Forgets the devices of another instance, but for <paramref name="kept"/>, and returns them.</summary>
    public IReadOnlyList<RemoteDevice> ForgetAll(Guid owner, IReadOnlySet<Guid> kept)
    {
        lock (_lock)
        {
            List<RemoteDevice> gone = [.. _byId.Values.OfType<RemoteDevice>().Where(device => device.Owner == owner && !kept.Contains(device.Id))];
            gone.ForEach(Take);
            return gone;
        }
    }

    /// <summary>What others have to know of the devices of this instance among <paramref name="ids"/>; those that are not among them are gone.</summary>
    public IReadOnlyList<SharedDevice> Shared(IEnumerable<Guid> ids)
    {
        lock (_lock)
        {
            return [.. ids.Select(id => _byId.GetValueOrDefault(id)).OfType<LocalDevice>().Select(SharedDevice.Of)];
        }
    }

    /// <summary>The ids of all devices of this instance.</summary>
    public IReadOnlyList<Guid> LocalIds()
    {
        lock (_lock)
        {
            return [.. _byId.Values.OfType<LocalDevice>().Select(device => device.Id)];
        }
    }
}

/// <summary>A device of this instance that has attached to another one since.</summary>
/// <param name="Device">The device as it was here.</param>
/// <param name="Socket">The websocket that is left of it, if there is one.</param>
/// <param name="IsSame">True when it is the same program there: it has only changed its line.</param>
internal sealed record Yielded(LocalDevice Device, LiveSocket? Socket, bool IsSame);
