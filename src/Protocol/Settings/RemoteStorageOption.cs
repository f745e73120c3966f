using Halley.Protocol.Comet;

namespace Halley.Protocol.Settings;

/// <summary>A template by which vaults are made on request.</summary>
public class RemoteStorageOption : CometDocument
{
    public string Type { get; set; } = "";
    public string Description { get; set; } = "";

    [OmitEmpty]
    public string RemoteAddress { get; set; } = "";

    [OmitEmpty]
    public string Username { get; set; } = "";

    [OmitEmpty]
    public string Password { get; set; } = "";

    public ExternalLDAPAuthenticationSourceSettings LDAP { get; set; } = new();

    public OidcConfig OIDC { get; set; } = new();

    public B2VirtualStorageRoleSettings B2 { get; set; } = new();

    public WasabiVirtualStorageRoleSettings Wasabi { get; set; } = new();

    public CustomRemoteBucketSettings Custom { get; set; } = new();

    public S3GenericVirtualStorageRole S3 { get; set; } = new();

    public AmazonAWSVirtualStorageRoleSettings AWS { get; set; } = new();

    public StorjVirtualStorageRoleSetting Storj { get; set; } = new();

    public ImpossibleCloudPartnerTemplateSettings ImpPartner { get; set; } = new();

    public ImpossibleCloudIAMTemplateSettings ImpUser { get; set; } = new();

    public bool StorageLimitEnabled { get; set; }
    public long StorageLimitBytes { get; set; }
    public bool RebrandStorage { get; set; }
    public string ID { get; set; } = "";
    public bool Default { get; set; }
}

/// <summary>A template that asks a web address for a place.</summary>
public class CustomRemoteBucketSettings : CometDocument
{
    public string URL { get; set; } = "";
    public Dictionary<string, string> CustomHeaders { get; set; } = [];
    public string CustomBody { get; set; } = "";
    public string CustomBodyType { get; set; } = "";
}

/// <summary>A template for Amazon AWS.</summary>
public class AmazonAWSVirtualStorageRoleSettings : CometDocument
{
    public string MasterBucket { get; set; } = "";
    public string AccessKey { get; set; } = "";
    public string SecretKey { get; set; } = "";
    public bool UseObjectLock { get; set; }
    public byte ObjectLockMode { get; set; }
    public long ObjectLockDays { get; set; }
    public bool RemoveDeleted { get; set; }
}

/// <summary>A template for Backblaze B2.</summary>
public class B2VirtualStorageRoleSettings : CometDocument
{
    public string MasterBucket { get; set; } = "";
    public string KeyID { get; set; } = "";
    public string AppKey { get; set; } = "";
    public bool HideDeletedFiles { get; set; }
}

/// <summary>A template for Wasabi.</summary>
public class WasabiVirtualStorageRoleSettings : CometDocument
{
    public string MasterBucket { get; set; } = "";
    public string AccessKey { get; set; } = "";
    public string SecretKey { get; set; } = "";
    public bool UseObjectLock { get; set; }
    public byte ObjectLockMode { get; set; }
    public long ObjectLockDays { get; set; }
    public bool RemoveDeleted { get; set; }
}

/// <summary>A template for any S3 storage with user management.</summary>
public class S3GenericVirtualStorageRole : CometDocument
{
    public string S3Endpoint { get; set; } = "";
    public string IAMEndpoint { get; set; } = "";
    public string MasterBucket { get; set; } = "";
    public string AccessKey { get; set; } = "";
    public string SecretKey { get; set; } = "";
    public bool UseObjectLock { get; set; }
    public byte ObjectLockMode { get; set; }
    public long ObjectLockDays { get; set; }
    public bool RemoveDeleted { get; set; }
    public string Region { get; set; } = "";
    public string Prefix { get; set; } = "";
}

/// <summary>A template for Storj.</summary>
public class StorjVirtualStorageRoleSetting : CometDocument
{
    public string SatelliteAddress { get; set; } = "";
    public string APIKey { get; set; } = "";
    public string Passphrase { get; set; } = "";
    public string Bucket { get; set; } = "";
}

/// <summary>A template for Impossible Cloud users.</summary>
public class ImpossibleCloudIAMTemplateSettings : CometDocument
{
    public string AccessKey { get; set; } = "";
    public string SecretKey { get; set; } = "";
    public string Region { get; set; } = "";
    public bool UseObjectLock { get; set; }
    public byte ObjectLockMode { get; set; }
    public long ObjectLockDays { get; set; }
    public bool RemoveDeleted { get; set; }
}

/// <summary>A template for Impossible Cloud partners.</summary>
public class ImpossibleCloudPartnerTemplateSettings : CometDocument
{
    public string Region { get; set; } = "";
    public string AccessKey { get; set; } = "";
    public bool UseObjectLock { get; set; }
    public byte ObjectLockMode { get; set; }
    public long ObjectLockDays { get; set; }
    public bool RemoveDeleted { get; set; }
}
