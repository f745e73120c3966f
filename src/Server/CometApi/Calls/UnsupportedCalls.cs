using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>
/// The calls of the vendor's API that this server does not have, each with the reason, which is also the message of the response. A call
/// is either mapped or in this table; a test compares both with the vendor's list.
/// </summary>
internal static class UnsupportedCalls
{
    /// <summary>The status of all of them: known, and not built.</summary>
    public const int NotImplemented = 501;

    private const string NoSuchPackage = "There is no package of the client for this system";
    private const string NoCampaigns = "This server updates devices one by one: give each the command to update its software";
    private const string FilesOnly = "Clients of this server back up files only";
    private const string NoLicence = "This server needs no licence and has no software update service";
    private const string NoReplication = "This server does not copy itself to others; replicate its database and volumes";
    private const string NoSelfBackup = "This server does not back itself up; copy its database and data directory";
    private const string NoConstellation = "This server does not look for buckets that nobody uses";
    private const string NoBusinessSystems = "This server does not report usage to business systems; read it from the API";
    private const string NoDirectories = "Administrators sign in with a password, a one-time code or a passkey, not through a directory";
    private const string OldSecurityKeys = "Security keys of the U2F kind are superseded; register a passkey";
    private const string OneProvider = "Only vaults on servers of this kind are made on request";

    public static readonly IReadOnlyDictionary<string, string> Reasons = new (string Reason, string[] Calls)[]
    {
        (NoSuchPackage,
        [
            "admin/branding/generate-client/spk-dsm6",
            "admin/branding/generate-client/spk-dsm7",
            "admin/branding/generate-client/windows-anycpu-exe",
            "admin/branding/generate-client/windows-x86_32-exe",
            "admin/branding/generate-client/windows-x86_32-zip",
            "admin/branding/generate-client/windows-x86_64-exe",
        ]),
        (NoCampaigns,
        [
            "admin/update-campaign/start",
            "admin/update-campaign/status",
        ]),
        (FilesOnly,
        [
            "admin/dispatcher/browse-virtual-machines",
            "admin/dispatcher/email-preview",
            "admin/dispatcher/office365-list-virtual-accounts",
            "admin/dispatcher/register-office-application/begin",
            "admin/dispatcher/register-office-application/check",
            "admin/dispatcher/request-browse-disk-drives",
            "admin/dispatcher/request-browse-exchange-edb",
            "admin/dispatcher/request-browse-hyperv",
            "admin/dispatcher/request-browse-mongodb",
            "admin/dispatcher/request-browse-mssql",
            "admin/dispatcher/request-browse-mysql",
            "admin/dispatcher/request-browse-proxmox",
            "admin/dispatcher/request-browse-proxmox/nodes",
            "admin/dispatcher/request-browse-proxmox/storage",
            "admin/dispatcher/request-browse-vmware",
            "admin/dispatcher/request-browse-vmware/datacenters",
            "admin/dispatcher/request-browse-vmware/datastores",
            "admin/dispatcher/request-browse-vmware/hosts",
            "admin/dispatcher/request-browse-vmware/networks",
            "admin/dispatcher/request-browse-vss-aaw",
            "admin/dispatcher/request-office365-accounts",
            "admin/dispatcher/request-office365-sites",
            "admin/dispatcher/request-windisk-snapshot",
            "user/dispatcher/email-preview",
            "user/web/dispatcher/browse-virtual-machines",
            "user/web/dispatcher/office365-list-virtual-accounts",
            "user/web/dispatcher/register-office-application/begin",
            "user/web/dispatcher/register-office-application/check",
            "user/web/dispatcher/request-browse-disk-drives",
            "user/web/dispatcher/request-browse-exchange-edb",
            "user/web/dispatcher/request-browse-hyperv",
            "user/web/dispatcher/request-browse-mongodb",
            "user/web/dispatcher/request-browse-mssql",
            "user/web/dispatcher/request-browse-mysql",
            "user/web/dispatcher/request-browse-proxmox",
            "user/web/dispatcher/request-browse-proxmox/nodes",
            "user/web/dispatcher/request-browse-proxmox/storage",
            "user/web/dispatcher/request-browse-vmware",
            "user/web/dispatcher/request-browse-vmware/datacenters",
            "user/web/dispatcher/request-browse-vmware/datastores",
            "user/web/dispatcher/request-browse-vmware/hosts",
            "user/web/dispatcher/request-browse-vmware/networks",
            "user/web/dispatcher/request-browse-vss-aaw",
            "user/web/dispatcher/request-office365-accounts",
            "user/web/dispatcher/request-office365-sites",
            "user/web/dispatcher/request-windisk-snapshot",
        ]),
        (NoLicence,
        [
            "admin/meta/software-update-news",
        ]),
        (NoReplication,
        [
            "admin/replication/state",
        ]),
        (NoSelfBackup,
        [
            "admin/organization/export",
            "admin/self-backup/start",
        ]),
        (NoConstellation,
        [
            "admin/constellation/last-report",
            "admin/constellation/new-report",
            "admin/constellation/prune-now",
            "admin/constellation/status",
        ]),
        (NoBusinessSystems,
        [
            "admin/meta/psa-config-list/sync-now",
        ]),
        (NoDirectories,
        [
            "admin/external-auth-sources/delete",
            "admin/external-auth-sources/get",
            "admin/external-auth-sources/new",
            "admin/external-auth-sources/set",
        ]),
        (OldSecurityKeys,
        [
            "admin/account/u2f/request-registration-challenge",
            "admin/account/u2f/submit-challenge-response",
        ]),
        (OneProvider,
        [
            "admin/convert-storage-role",
            "admin/storage/ping-destination",
        ]),
    }.SelectMany(group => group.Calls.Select(call => (call, group.Reason)))
        .ToDictionary(pair => pair.call, pair => pair.Reason, StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var (call, reason) in Reasons)
        {
            endpoints.MapCometUnsupported(call, new CometApiResponseMessage(NotImplemented, reason), ReturnsBytes(call));
        }
    }

    /// <summary>True for the calls whose callers save the body as a file, unread.</summary>
    public static bool ReturnsBytes(string call) =>
        call.StartsWith("admin/branding/generate-client/", StringComparison.Ordinal);
}
