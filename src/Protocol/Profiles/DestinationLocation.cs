using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>
/// A place where a vault can be. <see cref="DestinationType"/> tells which of the fields count; all of them are always written.
/// </summary>
public class DestinationLocation : CometDocument
{
    /// <summary>
    /// One of <see cref="DestinationTypes"/>: 1000 S3, 1001 SFTP, 1002 local path, 1003 this kind of server, 1004 FTP, 1005 Azure,
    /// 1006 spanned, 1007 Swift, 1008 B2, 1009 Storj, 1010 WebDAV, 1011 SMB; of our own 20001 restic REST server.
    /// </summary>
    public ulong DestinationType { get; set; }

    /// <summary>URL with scheme and trailing slash.</summary>
    public string CometServer { get; set; } = "";

    /// <summary>Bucket id.</summary>
    public string CometBucket { get; set; } = "";

    /// <summary>Pre-shared key of the bucket, encrypted by the client.</summary>
    public string CometBucketKey { get; set; } = "";

    public string S3Server { get; set; } = "";
    public bool S3UsesTLS { get; set; }
    public string S3AccessKey { get; set; } = "";
    public string S3SecretKey { get; set; } = "";
    public string S3BucketName { get; set; } = "";
    public string S3Subdir { get; set; } = "";
    public string S3CustomRegion { get; set; } = "";
    public bool S3UsesV2Signing { get; set; }
    public bool S3RemoveDeleted { get; set; }
    public byte S3ObjectLockMode { get; set; }
    public long S3ObjectLockDays { get; set; }
    public string SFTPServer { get; set; } = "";
    public string SFTPUsername { get; set; } = "";
    public string SFTPRemotePath { get; set; } = "";
    public ulong SFTPAuthMode { get; set; }
    public string SFTPPassword { get; set; } = "";
    public string SFTPPrivateKey { get; set; } = "";

    [JsonPropertyName("SFTPCustomAuth_UseKnownHostsFile")]
    public bool SFTPCustomAuthUseKnownHostsFile { get; set; }

    [JsonPropertyName("SFTPCustomAuth_KnownHostsFile")]
    public string SFTPCustomAuthKnownHostsFile { get; set; } = "";

    public string FTPServer { get; set; } = "";
    public string FTPUsername { get; set; } = "";
    public string FTPPassword { get; set; } = "";
    public bool FTPBaseUseHomeDirectory { get; set; }
    public string FTPCustomBaseDirectory { get; set; } = "";
    public long FTPSMode { get; set; }
    public long FTPPort { get; set; }
    public long FTPMaxConnections { get; set; }
    public bool FTPAcceptInvalidSSL { get; set; }
    public string AZBAccountName { get; set; } = "";
    public string AZBAccountKey { get; set; } = "";
    public string AZBContainer { get; set; } = "";
    public string AZBRealm { get; set; } = "";
    public string AZBPrefix { get; set; } = "";
    public string LocalcopyPath { get; set; } = "";
    public string LocalcopyWinSMBUsername { get; set; } = "";
    public string LocalcopyWinSMBPassword { get; set; } = "";
    public ulong LocalcopyWinSMBPasswordFormat { get; set; }
    public SwiftDestinationLocation Swift { get; set; } = new();
    public B2DestinationLocation B2 { get; set; } = new();
    public WebDavDestinationLocation WebDav { get; set; } = new();
    public StorjDestinationLocation Storj { get; set; } = new();
    public SMBDestinationLocation SMB { get; set; } = new();

    /// <summary>Places a spanned one consists of.</summary>
    public List<DestinationLocation> SpanTargets { get; set; } = [];

    public bool SpanUseStaticSlots { get; set; }
    public string Tag { get; set; } = "";
}

/// <summary>A place in OpenStack Swift.</summary>
public class SwiftDestinationLocation : CometDocument
{
    [OmitEmpty]
    public string Username { get; set; } = "";

    [OmitEmpty]
    public string APIKey { get; set; } = "";

    [OmitEmpty]
    public string Region { get; set; } = "";

    [OmitEmpty]
    public string AuthURL { get; set; } = "";

    [OmitEmpty]
    public string Domain { get; set; } = "";

    [OmitEmpty]
    public string Tenant { get; set; } = "";

    [OmitEmpty]
    public string TenantDomain { get; set; } = "";

    [OmitEmpty]
    public string TenantID { get; set; } = "";

    [OmitEmpty]
    public string TrustID { get; set; } = "";

    [OmitEmpty]
    public string AuthToken { get; set; } = "";

    [OmitEmpty]
    public string Prefix { get; set; } = "";

    [OmitEmpty]
    public string Container { get; set; } = "";

    [OmitEmpty]
    public string DefaultContainerPolicy { get; set; } = "";
}

/// <summary>A place in Backblaze B2.</summary>
public class B2DestinationLocation : CometDocument
{
    [OmitEmpty]
    public string AccountID { get; set; } = "";

    [OmitEmpty]
    public string Key { get; set; } = "";

    [OmitEmpty]
    public string Bucket { get; set; } = "";

    [OmitEmpty]
    public string Prefix { get; set; } = "";

    [OmitEmpty]
    public long MaxConnections { get; set; }

    [OmitEmpty]
    public bool HideDeletedFiles { get; set; }
}

/// <summary>A place on a WebDAV server.</summary>
public class WebDavDestinationLocation : CometDocument
{
    [OmitEmpty]
    public string DavServer { get; set; } = "";

    [OmitEmpty]
    public string UserName { get; set; } = "";

    [OmitEmpty]
    public string AccessKey { get; set; } = "";

    [OmitEmpty]
    public string Path { get; set; } = "";
}

/// <summary>A place in Storj.</summary>
public class StorjDestinationLocation : CometDocument
{
    public string SatelliteAddress { get; set; } = "";
    public string APIKey { get; set; } = "";
    public string Passphrase { get; set; } = "";
    public string StorjBucket { get; set; } = "";

    [OmitEmpty]
    public string StorjBucketPrefix { get; set; } = "";
}

/// <summary>A place on a Windows share.</summary>
public class SMBDestinationLocation : CometDocument
{
    public string SMBServer { get; set; } = "";
    public string SMBShare { get; set; } = "";
    public string SMBDirectory { get; set; } = "";
    public string SMBUsername { get; set; } = "";
    public string SMBPassword { get; set; } = "";
}

/// <summary>How to reach a machine by SSH.</summary>
public class SSHConnection : CometDocument
{
    public string SSHServer { get; set; } = "";
    public string SSHUsername { get; set; } = "";
    public ulong SSHAuthMode { get; set; }
    public string SSHPassword { get; set; } = "";
    public string SSHPrivateKey { get; set; } = "";

    [JsonPropertyName("SSHCustomAuth_UseKnownHostsFile")]
    public bool SSHCustomAuthUseKnownHostsFile { get; set; }

    [JsonPropertyName("SSHCustomAuth_KnownHostsFile")]
    public string SSHCustomAuthKnownHostsFile { get; set; } = "";
}

/// <summary>Values of <see cref="DestinationLocation.DestinationType"/>.</summary>
public static class DestinationTypes
{
    /// <summary>The first of the known types.</summary>
    public const ulong First = S3;

    /// <summary>S3 and compatible object storage.</summary>
    public const ulong S3 = 1000;

    /// <summary>SFTP.</summary>
    public const ulong Sftp = 1001;

    /// <summary>A path on the device.</summary>
    public const ulong LocalPath = 1002;

    /// <summary>A bucket on a server of this kind.</summary>
    public const ulong Server = 1003;

    /// <summary>FTP.</summary>
    public const ulong Ftp = 1004;

    /// <summary>Azure Blob Storage.</summary>
    public const ulong Azure = 1005;

    /// <summary>Several destinations that share the files of one vault.</summary>
    public const ulong Spanned = 1006;

    /// <summary>OpenStack Swift.</summary>
    public const ulong Swift = 1007;

    /// <summary>Backblaze B2.</summary>
    public const ulong BackblazeB2 = 1008;

    /// <summary>Storj.</summary>
    public const ulong Storj = 1009;

    /// <summary>WebDAV.</summary>
    public const ulong WebDav = 1010;

    /// <summary>A network share.</summary>
    public const ulong Smb = 1011;

    /// <summary>The vendor's range ends before this; newer clients may use further values of it.</summary>
    public const ulong End = 1100;

    /// <summary>
    /// A server that speaks restic's REST protocol. It is a type of our own, which the vendor's clients do not know. Its address is in
    /// <see cref="DestinationLocation.CometServer"/>, the name and the sealed password for it in
    /// <see cref="DestinationLocation.CometBucket"/> and <see cref="DestinationLocation.CometBucketKey"/>; both may be empty.
    /// </summary>
    public const ulong RestServer = 20001;
}
