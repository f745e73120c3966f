namespace Halley.Server.Administrators;

internal enum AdministratorRefusal
{
    NotFound,
    NameTaken,
    UnknownOrganization,
    Invalid,

    /// <summary>The caller would shut himself, or everybody, out.</summary>
    LocksOut,

    /// <summary>The present password is wrong or missing.</summary>
    WrongPassword,
    Forbidden,
    Busy,
}

/// <summary>What became of a change to an administrator: the administrator, or why not, with a sentence for the person who asked.</summary>
internal sealed record AdministratorChange(Administrator? Administrator, AdministratorRefusal? Refusal = null, string Reason = "")
{
    public static AdministratorChange NotFound { get; } = new(null, AdministratorRefusal.NotFound, "There is no such administrator.");

    public static AdministratorChange UnknownOrganization { get; } =
        new(null, AdministratorRefusal.UnknownOrganization, "There is no organization with this id.");

    public static AdministratorChange Invalid(string reason) => new(null, AdministratorRefusal.Invalid, reason);

    public static AdministratorChange LocksOut(string reason) => new(null, AdministratorRefusal.LocksOut, reason);
}
