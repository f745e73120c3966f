using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.Live.Commands;

/// <summary>Removes the client by a command to each device.</summary>
internal sealed class LiveClientRemover(LiveDevices devices, DeviceCalls calls, TimeProvider time) : ClientRemover
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public override async Task RemoveAsync(
        string organizationId, string? username, ClientRemoval removal, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var arguments = new UninstallArguments(removal.ConfigurationToo);
        try
        {
            await Task.WhenAll(devices.List(TenantScope.Of(organizationId))
                .Where(device => username is null || device.Username == username)
                .Select(device => calls.CallAsync(device, CommandCatalog.UninstallSoftware, arguments, either.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A device that has the command and is silent does not prevent the deletion.
        }
    }
}
