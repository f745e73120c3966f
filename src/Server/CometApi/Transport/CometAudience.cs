namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Whose credentials a call requires. The framework treats all calls as anonymous, because credentials are in the body. Tests and
/// documents distinguish them by this value.
/// </summary>
internal enum CometAudience
{
    Everybody,
    Administrators,
    Users,
    AdministratorsAndUsers,

    /// <summary>The call is known and not built.</summary>
    Nobody,
}
