namespace Halley.Server;

/// <summary>
/// The numbers of all log events, one range per folder. A number is never used twice and never given to another event: operators
/// alert on them.
/// </summary>
internal static class LogEvents
{
    // 1000: Hosting
    public const int RequestDone = 1000;
    public const int QuietRequestDone = 1001;
    public const int StartFailed = 1002;
    public const int HangUp = 1003;
    public const int HangUpFailed = 1004;
    public const int FewDescriptors = 1005;
    public const int RequestsOmitted = 1006;
    public const int ForwardedHeadersIgnored = 1007;

    // 1100: Data
    public const int DatabaseMigrated = 1100;
    public const int DatabaseCopied = 1101;
    public const int DatabaseWaitedFor = 1102;
    public const int DatabaseUnlocked = 1103;

    // 1200: Credentials
    public const int VerificationsSaturated = 1200;

    // 1300: Administrators
    public const int SignInRefused = 1300;
    public const int NameLocked = 1301;
    public const int AdministratorCreated = 1302;
    public const int PasswordChanged = 1303;
    public const int SetupTokenRefused = 1304;
    public const int RecoveryCodeUsed = 1305;
    public const int SecondFactorOn = 1306;
    public const int SecondFactorOff = 1307;
    public const int AdministratorAdded = 1309;
    public const int AdministratorRemoved = 1310;
    public const int AdministratorChanged = 1311;
    public const int PasskeyAdded = 1312;
    public const int PasskeyRemoved = 1313;
    public const int ApiTokenCreated = 1314;
    public const int ApiTokenRevoked = 1315;

    // 1400: CometApi
    public const int CometCallFailed = 1400;

    // 1500: Jobs
    public const int JobFailed = 1500;

    // 1600: Events
    public const int EventFeedFailed = 1600;
    public const int EventStreamDropped = 1601;
    public const int WebhookFailed = 1602;
    public const int WebhookQueueFull = 1603;
    public const int AuditFileFailed = 1604;
    public const int StopNotRecorded = 1605;
    public const int CertificateRenewed = 1620;
    public const int CertificateRefused = 1621;

    // 1700: Tasks
    public const int TaskStarted = 1700;
    public const int TaskDone = 1701;
    public const int TaskFailed = 1702;
    public const int TaskNotSaved = 1703;

    // 3200: AuthRole/Reports
    public const int EmailNotSent = 3200;
    public const int EmailGivenUp = 3201;

    // 1800: Organizations
    public const int OrganizationCreated = 1800;
    public const int OrganizationDeleted = 1801;

    // 1900: Instances
    public const int InstanceMessageUnreadable = 1900;
    public const int InstanceMessageFailed = 1901;
    public const int RedisLost = 1902;
    public const int RedisBack = 1903;
    public const int LeaseTaken = 1904;
    public const int LeaseNotRenewed = 1905;
    public const int LeaseNotReleased = 1906;
    public const int ChangeNotFollowed = 1907;

    // 2000: StorageRole
    public const int VolumeAdded = 2000;
    public const int VolumeNotAdded = 2001;
    public const int VolumeRemoved = 2002;
    public const int VolumeOfflineAtStart = 2003;
    public const int VolumeSwept = 2004;
    public const int VolumeGone = 2005;
    public const int VolumeBack = 2006;
    public const int VolumeRelocated = 2007;
    public const int VolumeTakenOver = 2010;
    public const int VolumeUnwritable = 2012;
    public const int VolumeWritable = 2013;
    public const int VolumeNotSwept = 2014;
    public const int StorageTakenAway = 2008;
    public const int StorageWaitedFor = 2009;
    public const int BucketCreated = 2020;
    public const int BucketDeleted = 2021;
    public const int BucketDeletionWaits = 2022;
    public const int BucketAdopted = 2023;
    public const int BucketKeyAdded = 2030;
    public const int BucketKeyRevoked = 2031;
    public const int BucketKeyRenewed = 2032;
    public const int BucketKeyRetired = 2033;
    public const int VaultStoreFailed = 2040;
    public const int VaultClientGone = 2041;
    public const int UploadStalled = 2042;
    public const int FileQuarantined = 2060;
    public const int FileNotInPlace = 2061;
    public const int FindingHealed = 2062;
    public const int FindingDismissed = 2063;
    public const int QuarantineNotRead = 2064;
    public const int ScrubNotStarted = 2065;

    // 2080: StorageRole: what protects buckets
    public const int TrashPurged = 2080;
    public const int TrashRestored = 2081;
    public const int ClockJumped = 2082;
    public const int ProtectionChanged = 2083;
    public const int DeletesFrozen = 2084;
    public const int QuotaReached = 2085;
    public const int BandwidthLimitChanged = 2086;

    // 2100: StorageRole: transfers of buckets to other servers
    public const int TransferStarted = 2100;
    public const int BucketMoved = 2101;
    public const int TransferNotTidied = 2102;

    // 3300: AuthRole/VaultRequests
    public const int VaultNotMade = 3300;
    public const int BucketNotWithdrawn = 3301;
    public const int AutomaticVaultNotMade = 3302;

    // 3400: Live
    public const int CommandNotGiven = 3400;
    public const int LiveEventsNotSaved = 3401;
    public const int LiveSessionsNotFollowed = 3402;
    public const int PresenceNotShared = 3403;
    public const int InstanceSilent = 3404;
    public const int InstanceOrderFailed = 3405;
    public const int LiveMessageMalformed = 3406;
    public const int LiveConnectionFailed = 3407;

    // 3500: OwnVaults
    public const int DeviceToldOfLoss = 3500;
}
