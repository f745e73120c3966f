namespace Halley.Protocol.Events;

/// <summary>What an event tells. <see cref="StreamableEventNames"/> has the vendor's names.</summary>
public enum StreamableEventType : long
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary>First on every stream: the server.</summary>
    Hello = 4000,

    /// <summary>An account was made.</summary>
    AccountNew = 4100,

    /// <summary>An account was deleted.</summary>
    AccountRemoved = 4101,

    /// <summary>A profile was changed.</summary>
    AccountUpdated = 4102,

    /// <summary>A user signed in.</summary>
    AccountLogin = 4103,

    /// <summary>A sign-in of a user was refused.</summary>
    AccountLoginFailed = 4104,

    /// <summary>A session of a user began.</summary>
    AccountSessionStart = 4105,

    /// <summary>A session of a user was ended.</summary>
    AccountSessionRevoke = 4106,

    /// <summary>A session of a user ran out.</summary>
    AccountSessionExpire = 4107,

    /// <summary>An administrator was made.</summary>
    AdminNew = 4150,

    /// <summary>An administrator was deleted.</summary>
    AdminRemoved = 4151,

    /// <summary>An administrator was changed.</summary>
    AdminUpdated = 4152,

    /// <summary>An administrator signed in.</summary>
    AdminLogin = 4153,

    /// <summary>A sign-in of an administrator was refused.</summary>
    AdminLoginFailed = 4154,

    /// <summary>A session of an administrator began.</summary>
    AdminSessionStart = 4155,

    /// <summary>A session of an administrator was ended.</summary>
    AdminSessionRevoke = 4156,

    /// <summary>A session of an administrator ran out.</summary>
    AdminSessionExpire = 4157,

    /// <summary>A job began.</summary>
    JobNew = 4200,

    /// <summary>A job ended, well or not.</summary>
    JobCompleted = 4201,

    /// <summary>A bucket was made.</summary>
    BucketNew = 4300,

    /// <summary>A bucket was deleted.</summary>
    BucketRemoved = 4301,

    /// <summary>The server started.</summary>
    ServerStarted = 4400,

    /// <summary>The server restarted.</summary>
    ServerRestarted = 4401,

    /// <summary>The server stops.</summary>
    ServerShutdown = 4402,

    /// <summary>The settings were changed.</summary>
    ServerUpdated = 4403,

    /// <summary>A tenant was made.</summary>
    TenantNew = 4500,

    /// <summary>A tenant was deleted.</summary>
    TenantRemoved = 4501,

    /// <summary>A tenant was changed.</summary>
    TenantUpdated = 4502,

    /// <summary>A policy was made.</summary>
    PolicyNew = 4600,

    /// <summary>A policy was deleted.</summary>
    PolicyRemoved = 4601,

    /// <summary>A policy was changed.</summary>
    PolicyUpdated = 4602,

    /// <summary>A device was registered.</summary>
    DeviceNew = 4700,

    /// <summary>A device was revoked.</summary>
    DeviceRemoved = 4701,

    /// <summary>A device connected.</summary>
    DeviceLiveConnect = 4702,

    /// <summary>A device disconnected.</summary>
    DeviceLiveDisconnect = 4703,

    /// <summary>A device that is not signed in connected.</summary>
    DeviceLobbyConnect = 4704,

    /// <summary>A device that is not signed in disconnected.</summary>
    DeviceLobbyDisconnect = 4705,

    /// <summary>A group was made.</summary>
    UserGroupNew = 4800,

    /// <summary>A group was deleted.</summary>
    UserGroupRemoved = 4801,

    /// <summary>A group was changed.</summary>
    UserGroupUpdated = 4802,

    /// <summary>A shared quota was made.</summary>
    SharedQuotaNew = 4803,

    /// <summary>A shared quota was deleted.</summary>
    SharedQuotaRemoved = 4804,

    /// <summary>A shared quota was changed.</summary>
    SharedQuotaUpdated = 4805,

    // From 100000 on: this server's own, which the vendor does not have.

    /// <summary>The hold, the brake or the quota of a bucket was changed.</summary>
    BucketProtectionChanged = 100000,

    /// <summary>The brake has frozen the deletes of a bucket.</summary>
    BucketDeletesFrozen = 100001,

    /// <summary>The deletes of a bucket are no longer frozen.</summary>
    BucketDeletesUnfrozen = 100002,

    /// <summary>Deleted files were given back to a bucket.</summary>
    BucketTrashRestored = 100003,

    /// <summary>A bucket has reached a part of its quota.</summary>
    BucketQuotaReached = 100004,

    /// <summary>An organization has reached a part of its quota.</summary>
    TenantQuotaReached = 100005,

    /// <summary>A bandwidth limit was added, changed or removed.</summary>
    BandwidthLimitChanged = 100006,

    /// <summary>A bucket that was deleted is back.</summary>
    BucketRestored = 100007,

    /// <summary>The transfer of a bucket to another server was started.</summary>
    BucketTransferStarted = 100008,

    /// <summary>A bucket has moved to another server; here it is only read.</summary>
    BucketMoved = 100009,

    /// <summary>A key of a bucket was added.</summary>
    BucketKeyAdded = 100010,

    /// <summary>A key of a bucket was revoked.</summary>
    BucketKeyRevoked = 100011,

    /// <summary>A volume was added.</summary>
    VolumeAdded = 100012,

    /// <summary>The mode or the directory of a volume was changed.</summary>
    VolumeChanged = 100013,

    /// <summary>A volume was removed.</summary>
    VolumeRemoved = 100014,

    /// <summary>The password of an account was changed or reset.</summary>
    AccountPasswordChanged = 100015,

    /// <summary>An e-mail could not be sent and was given up after the last try.</summary>
    EmailGivenUp = 100020,

    /// <summary>The server uses a renewed certificate.</summary>
    CertificateRenewed = 100021,

    /// <summary>A renewed certificate cannot be used; the server keeps the one it has.</summary>
    CertificateRefused = 100022,
}
