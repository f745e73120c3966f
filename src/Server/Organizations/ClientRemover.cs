namespace Halley.Server.Organizations;

/// <summary>The request to remove the client from the devices of an account or organization that is deleted.</summary>
/// <param name="ConfigurationToo">True removes its configuration as well.</param>
internal sealed record ClientRemoval(bool ConfigurationToo);

/// <summary>Removes the client from connected devices before their account or organization is deleted.</summary>
internal abstract class ClientRemover
{
    /// <summary>
    /// Tells the connected devices to uninstall, and waits until all have answered, at most for a short time. An offline device keeps the
    /// client, and one that refuses does not prevent the deletion.
    /// </summary>
    /// <param name="username">Only the devices of this account; null for all of the organization.</param>
    public abstract Task RemoveAsync(
        string organizationId, string? username, ClientRemoval removal, CancellationToken cancellationToken);
}
