namespace Halley.Server.CometApi.Transport;

/// <summary>Older names of calls, which clients of older versions still use. Keys and values are paths below <c>/api/v1</c>.</summary>
internal static class CometAliases
{
    private static readonly ILookup<string, string> ByCall = new (string Alias, string Call)[]
    {
        ("update-software/linuxgeneric", "admin/branding/generate-client/linuxgeneric"),
        ("update-software/macos-x86_64", "admin/branding/generate-client/macos-x86_64"),
        ("update-software/spk-dsm6", "admin/branding/generate-client/spk-dsm6"),
        ("update-software/spk-dsm7", "admin/branding/generate-client/spk-dsm7"),
        ("update-software", "admin/branding/generate-client/windows-anycpu-exe"),
        ("update-software/windows", "admin/branding/generate-client/windows-anycpu-exe"),
        ("admin/branding/generate-client", "admin/branding/generate-client/windows-anycpu-zip"),
        ("admin/branding/generate-client/windows", "admin/branding/generate-client/windows-anycpu-zip"),
        ("update-software/windows-x86_32", "admin/branding/generate-client/windows-x86_32-exe"),
        ("admin/branding/generate-client/windows-x86_32", "admin/branding/generate-client/windows-x86_32-zip"),
        ("update-software/windows-x86_64", "admin/branding/generate-client/windows-x86_64-exe"),
        ("admin/branding/generate-client/windows-x86_64", "admin/branding/generate-client/windows-x86_64-zip"),
        ("admin/overseer/last-report", "admin/constellation/last-report"),
        ("admin/overseer/new-report", "admin/constellation/new-report"),
        ("admin/overseer/prune-now", "admin/constellation/prune-now"),
        ("admin/overseer/status", "admin/constellation/status"),
        ("admin/get-jobs-for-daterange", "admin/get-jobs-for-date-range"),
        ("admin/storage/replication/state", "admin/replication/state"),
        ("admin/request-bucket", "admin/request-storage-vault"),
        ("admin/request-bucket-options", "admin/request-storage-vault-providers"),
        ("user/request-filesystem-objects", "user/web/request-filesystem-objects"),
        ("user/web/request-bucket", "user/web/request-storage-vault"),
        ("user/web/request-bucket-options", "user/web/request-storage-vault-providers"),
        ("user/session/revoke", "user/web/session/revoke"),
        ("user/session/start", "user/web/session/start"),
    }.ToLookup(pair => pair.Call, pair => pair.Alias);

    public static IEnumerable<string> Of(string call) => ByCall[call];
}
