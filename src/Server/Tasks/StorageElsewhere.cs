using Halley.Server.Hosting;

namespace Halley.Server.Tasks;

/// <summary>What an instance without storage answers to whoever wants something of it. Tasks are work on the storage, so they are where that is.</summary>
internal static class StorageElsewhere
{
    public const string Code = "storage_elsewhere";
    public const string Reason =
        "This instance of the server has no storage (Halley:Storage:Enabled is false); ask the one that has it. A proxy in front should lead there.";

    /// <summary>Lets nobody through when there is no storage here.</summary>
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
