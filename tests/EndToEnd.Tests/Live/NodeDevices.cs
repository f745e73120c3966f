namespace Halley.EndToEnd.Tests.Live;

/// <summary>Devices of one scenario by their names; they end with it.</summary>
internal sealed class NodeDevices : Dictionary<string, NodeDevice>, IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var device in Values)
        {
            await device.DisposeAsync();
        }
    }
}
