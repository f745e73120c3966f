namespace Halley.Protocol.Live;

/// <summary>What the server says to a device over its live connection.</summary>
public interface ILiveDevice
{
    /// <summary>
    /// Gives a command. The device answers with <see cref="ILiveHub.Report"/> within ten seconds, with the answer or with
    /// <see cref="CommandStates.Accepted"/>. A command whose id it has seen is not carried out again: it reports how far that one has come.
    /// </summary>
    Task Command(DeviceCommand command);

    /// <summary>Says that the server closes the connection, why, and when the device should come back.</summary>
    Task Leave(LeaveOrder order);
}
