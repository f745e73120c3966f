using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Credentials;

/// <summary>How long callers stay signed in (<c>Halley:Sessions</c>).</summary>
internal sealed class CallerSessionOptions
{
    /// <summary>Minutes without use after which a session ends.</summary>
    [Range(1, 48 * 60, ErrorMessage = "must be a number of minutes from 1 to 2880")]
    public int IdleMinutes { get; set; } = 30;

    /// <summary>Hours after which a session ends even if it is used.</summary>
    [Range(1, 48, ErrorMessage = "must be a number of hours from 1 to 48")]
    public int MaximumHours { get; set; } = 48;

    public TimeSpan Idle => TimeSpan.FromMinutes(IdleMinutes);

    public TimeSpan Maximum => TimeSpan.FromHours(MaximumHours);
}
