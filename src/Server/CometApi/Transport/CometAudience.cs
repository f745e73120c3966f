namespace Halley.Server.CometApi.Transport;

/// <summary>
/// Whose credentials a call asks for. The framework sees all calls as anonymous, because credentials are in the body; this is what tells
/// them apart for tests and documents.
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
