using Halley.Server.Hosting;

namespace Halley.Server.Tasks;

/// <summary>
/// The response of an instance without storage to requests for tasks. Tasks work on the storage, so they run on the instance that has it.
/// </summary>
internal static class StorageElsewhere
{
    public const string Code = "storage_elsewhere";
    public const string Reason =
        "This instance of the server has no storage (Halley:Storage:Enabled is false). "
        + "Send the request to the instance that has it, for example through a proxy.";

    /// <summary>Rejects every request if this instance has no storage.</summary>
    public static RouteGroupBuilder OnlyWithStorage(this RouteGroupBuilder group, bool hasStorage)
    {
        if (!hasStorage)
        {
            group.AddEndpointFilter((_, _) =>
                ValueTask.FromResult<object?>(Problems.Problem(StatusCodes.Status503ServiceUnavailable, Code, Reason)));
        }

        return group;
    }
}
