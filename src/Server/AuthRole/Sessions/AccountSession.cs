using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>A session of a user.</summary>
internal sealed class AccountSession : CallerSession
{
    public const int LongestDeviceId = 255;

    /// <summary>The device of the session, whose revocation ends it; null for browsers and programs.</summary>
    public string? DeviceId { get; set; }

    /// <summary>A value of <see cref="StartedBy"/> that is no administrator.</summary>
    public const string AnotherSession = "another session";

    /// <summary>
    /// What started the session: empty for the user's own credential; the administrator that acts as the user, an install token, a known
    /// device, or another session.
    /// </summary>
    public string StartedBy { get; set; } = "";
}

internal sealed class AccountSessionMapping() : CallerSessionMapping<AccountSession, Account>("AccountSessions")
{
    public override void Configure(EntityTypeBuilder<AccountSession> builder)
    {
        base.Configure(builder);
        builder.Property(session => session.DeviceId).HasMaxLength(AccountSession.LongestDeviceId);
        builder.Property(session => session.StartedBy).HasMaxLength(Account.LongestName);
    }
}
