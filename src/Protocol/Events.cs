using System.Text.Json;

namespace Halley.Protocol;

/// <summary>Something that happened.</summary>
/// <param name="Sequence">Rises with every event; ask for what came <c>after</c> the last one you have seen.</param>
/// <param name="At">UTC time.</param>
/// <param name="Type">Number of the type, as in the vendor's API.</param>
/// <param name="TypeName">Name of the type, such as <c>SEVT_JOB_COMPLETED</c>.</param>
/// <param name="Actor">Name of who did it; empty for the server itself.</param>
/// <param name="OrganizationId">Organization it belongs to; empty for the top level.</param>
/// <param name="ResourceId">What it happened to: the name of an account, the id of a device, a job, a bucket, ….</param>
/// <param name="Data">More about it; the shape depends on the type. For jobs it is the whole record. Null when there is nothing.</param>
public sealed record EventInfo(
    long Sequence, DateTimeOffset At, int Type, string TypeName, string Actor, string OrganizationId, string ResourceId, JsonElement? Data);
