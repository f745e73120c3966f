namespace Halley.Protocol;

/// <summary>Requests a new organization (tenant).</summary>
/// <param name="Name">Name for people, 1 to 200 characters.</param>
/// <param name="Hosts">Host names of its own, at most 100; without any, its people can sign in through any host.</param>
public sealed record CreateOrganization(string? Name, IReadOnlyList<string>? Hosts = null);

/// <summary>Changes to an organization; null leaves a value unchanged.</summary>
/// <param name="Name">Name for people, 1 to 200 characters.</param>
/// <param name="Hosts">All host names of its own; with an empty list, its people can sign in through any host.</param>
/// <param name="Suspended">True refuses its administrators and users; nothing is deleted.</param>
/// <param name="SoftQuotaBytes">Size of all its buckets, held files included, from which administrators are warned; 0 for none.</param>
/// <param name="HardQuotaBytes">Size of all its buckets, held files included, above which uploads are refused with 507; 0 for none.</param>
public sealed record UpdateOrganization(
    string? Name = null, IReadOnlyList<string>? Hosts = null, bool? Suspended = null, long? SoftQuotaBytes = null,
    long? HardQuotaBytes = null);

/// <summary>An organization (tenant): administrators, users, buckets, policies of its own, which no other organization sees.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Hosts">Host names through which alone its people sign in; empty for any.</param>
/// <param name="Suspended">True while its administrators and users are refused.</param>
/// <param name="CreatedAt">UTC time at which it was made.</param>
/// <param name="SoftQuotaBytes">Size of all its buckets from which administrators are warned; null for none.</param>
/// <param name="HardQuotaBytes">Size of all its buckets above which uploads are refused; null for none.</param>
public sealed record OrganizationInfo(
    string Id, string Name, IReadOnlyList<string> Hosts, bool Suspended, DateTime CreatedAt, long? SoftQuotaBytes = null,
    long? HardQuotaBytes = null);
