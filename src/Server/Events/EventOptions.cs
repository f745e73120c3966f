using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Events;

/// <summary>How long events are kept, and how many streams may be open (<c>Halley:Events</c>).</summary>
internal sealed class EventOptions
{
    /// <summary>Days after which events are removed.</summary>
    [Range(1, 3650)]
    public int RetainedDays { get; set; } = 90;

    /// <summary>Most event streams that may be open at the same time.</summary>
    [Range(1, 10000)]
    public int MaxStreams { get; set; } = 200;
}
