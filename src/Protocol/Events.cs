using System.Text.Json;

namespace Halley.Protocol;

/// <summary>An event.</summary>
/// <param name="Sequence">Rises with every event; request the events <c>after</c> the last one seen.</param>
/// <param name="At">UTC time.</param>
/// <param name="Type">Number of the type, as in the vendor's API.</param>
/// <param name="TypeName">Name of the type, such as <c>SEVT_JOB_COMPLETED</c>.</param>
/// <param name="Actor">Name of the actor; empty for the server itself.</param>
/// <param name="OrganizationId">Organization it belongs to; empty for the top level.</param>
/// <param name="ResourceId">The affected object: the name of an account, the id of a device, a job, a bucket, ….</param>
/// <param name="Data">Details; the shape depends on the type. For jobs it is the whole record. Null without details.</param>
public sealed record EventInfo(
    long Sequence, DateTimeOffset At, int Type, string TypeName, string Actor, string OrganizationId, string ResourceId, JsonElement? Data);
