namespace Halley.Protocol.Comet;

/// <summary>The vendor's names of event types, as <see cref="StreamableEvent.TypeString"/> has them.</summary>
public static class StreamableEventNames
{
    private static readonly Dictionary<StreamableEventType, string> Names = new()
    {
        [StreamableEventType.Hello] = "SEVT_META_HELLO",
        [StreamableEventType.AccountNew] = "SEVT_ACCOUNT_NEW",
        [StreamableEventType.AccountRemoved] = "SEVT_ACCOUNT_REMOVED",
        [StreamableEventType.AccountUpdated] = "SEVT_ACCOUNT_UPDATED",
        [StreamableEventType.AccountLogin] = "SEVT_ACCOUNT_LOGIN",
        [StreamableEventType.AccountLoginFailed] = "SEVT_ACCOUNT_LOGIN_FAILED",
        [StreamableEventType.AccountSessionStart] = "SEVT_ACCOUNT_SESSION_START",
        [StreamableEventType.AccountSessionRevoke] = "SEVT_ACCOUNT_SESSION_REVOKE",
        [StreamableEventType.AccountSessionExpire] = "SEVT_ACCOUNT_SESSION_EXPIRE",
        [StreamableEventType.AdminNew] = "SEVT_ACCOUNT_ADMIN_NEW",
        [StreamableEventType.AdminRemoved] = "SEVT_ACCOUNT_ADMIN_REMOVED",
        [StreamableEventType.AdminUpdated] = "SEVT_ACCOUNT_ADMIN_UPDATED",
        [StreamableEventType.AdminLogin] = "SEVT_ACCOUNT_ADMIN_LOGIN",
        [StreamableEventType.AdminLoginFailed] = "SEVT_ACCOUNT_ADMIN_LOGIN_FAILED",
        [StreamableEventType.AdminSessionStart] = "SEVT_ACCOUNT_ADMIN_SESSION_START",
        [StreamableEventType.AdminSessionRevoke] = "SEVT_ACCOUNT_ADMIN_SESSION_REVOKE",
        [StreamableEventType.AdminSessionExpire] = "SEVT_ACCOUNT_ADMIN_SESSION_EXPIRE",
        [StreamableEventType.JobNew] = "SEVT_JOB_NEW",
        [StreamableEventType.JobCompleted] = "SEVT_JOB_COMPLETED",
        [StreamableEventType.BucketNew] = "SEVT_BUCKET_NEW",
        [StreamableEventType.BucketRemoved] = "SEVT_BUCKET_REMOVED",
        [StreamableEventType.ServerStarted] = "SEVT_SERVER_STARTED",
        [StreamableEventType.ServerRestarted] = "SEVT_SERVER_RESTARTED",
        [StreamableEventType.ServerShutdown] = "SEVT_SERVER_SHUTDOWN",
        [StreamableEventType.ServerUpdated] = "SEVT_SERVER_UPDATED",
        [StreamableEventType.TenantNew] = "SEVT_TENANT_NEW",
        [StreamableEventType.TenantRemoved] = "SEVT_TENANT_REMOVED",
        [StreamableEventType.TenantUpdated] = "SEVT_TENANT_UPDATED",
        [StreamableEventType.PolicyNew] = "SEVT_POLICY_NEW",
        [StreamableEventType.PolicyRemoved] = "SEVT_POLICY_REMOVED",
        [StreamableEventType.PolicyUpdated] = "SEVT_POLICY_UPDATED",
        [StreamableEventType.DeviceNew] = "SEVT_DEVICE_NEW",
        [StreamableEventType.DeviceRemoved] = "SEVT_DEVICE_REMOVED",
        [StreamableEventType.DeviceLiveConnect] = "SEVT_DEVICE_LIVE_CONNECT",
        [StreamableEventType.DeviceLiveDisconnect] = "SEVT_DEVICE_LIVE_DISCONNECT",
        [StreamableEventType.DeviceLobbyConnect] = "SEVT_DEVICE_LOBBY_CONNECT",
        [StreamableEventType.DeviceLobbyDisconnect] = "SEVT_DEVICE_LOBBY_DISCONNECT",
        [StreamableEventType.UserGroupNew] = "SEVT_USERGROUP_NEW",
        [StreamableEventType.UserGroupRemoved] = "SEVT_USERGROUP_REMOVED",
        [StreamableEventType.UserGroupUpdated] = "SEVT_USERGROUP_UPDATED",
        [StreamableEventType.SharedQuotaNew] = "SEVT_SQUOTA_NEW",
        [StreamableEventType.SharedQuotaRemoved] = "SEVT_SQUOTA_REMOVED",
        [StreamableEventType.SharedQuotaUpdated] = "SEVT_SQUOTA_UPDATED",
        [StreamableEventType.BucketProtectionChanged] = "HALLEY_BUCKET_PROTECTION_CHANGED",
        [StreamableEventType.BucketDeletesFrozen] = "HALLEY_BUCKET_DELETES_FROZEN",
        [StreamableEventType.BucketDeletesUnfrozen] = "HALLEY_BUCKET_DELETES_UNFROZEN",
        [StreamableEventType.BucketTrashRestored] = "HALLEY_BUCKET_TRASH_RESTORED",
        [StreamableEventType.BucketQuotaReached] = "HALLEY_BUCKET_QUOTA_REACHED",
        [StreamableEventType.TenantQuotaReached] = "HALLEY_TENANT_QUOTA_REACHED",
        [StreamableEventType.BucketTransferStarted] = "HALLEY_BUCKET_TRANSFER_STARTED",
        [StreamableEventType.BucketMoved] = "HALLEY_BUCKET_MOVED",
    };

    /// <summary>The name of a type; empty for a number that is none.</summary>
    public static string NameOf(StreamableEventType type) => Names.GetValueOrDefault(type, "");
}
