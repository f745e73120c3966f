using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Settings;

/// <summary>A directory or identity provider by which administrators sign in.</summary>
public class ExternalAuthenticationSource : CometDocument
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

    public AdminUserPermissions NewUserPermissions { get; set; } = new();
}

/// <summary>How to ask an LDAP directory.</summary>
public class ExternalLDAPAuthenticationSourceSettings : CometDocument
{
    public string Hostname { get; set; } = "";
    public long Port { get; set; }
    public string SecurityMethod { get; set; } = "";
    public bool AcceptInvalidSSL { get; set; }
    public List<ExternalLDAPAuthenticationSourceServer> FallbackServers { get; set; } = [];
    public string BindUser { get; set; } = "";
    public string BindPassword { get; set; } = "";
    public string SearchDN { get; set; } = "";
    public string SearchFilter { get; set; } = "";
}

/// <summary>A server of an LDAP directory.</summary>
public class ExternalLDAPAuthenticationSourceServer : CometDocument
{
    public string Hostname { get; set; } = "";
    public long Port { get; set; }
    public string SecurityMethod { get; set; } = "";
    public bool AcceptInvalidSSL { get; set; }
}

/// <summary>How to ask an OpenID Connect provider.</summary>
public class OidcConfig : CometDocument
{
    public string DisplayName { get; set; } = "";

    [OmitEmpty]
    public List<string> Hosts { get; set; } = [];

    /// <summary>Tenant; empty for the top level.</summary>
    [OmitEmpty]
    public string OrganizationID { get; set; } = "";

    public string Provider { get; set; } = "";
    public string ClientID { get; set; } = "";
    public string ClientSecret { get; set; } = "";
    public bool SkipMFA { get; set; }

    [OmitEmpty]
    public List<string> Scopes { get; set; } = [];

    [OmitEmpty]
    public List<OidcClaim> RequiredClaims { get; set; } = [];

    [OmitEmpty]
    public string DiscoveryDocumentURL { get; set; } = "";

    [OmitEmpty]
    public string AzureTenantID { get; set; } = "";

    [OmitEmpty]
    public string GoogleHostedDomain { get; set; } = "";
}

/// <summary>A claim that a token must have.</summary>
public class OidcClaim : CometDocument
{
    public string Name { get; set; } = "";

    [OmitEmpty]
    public string Value { get; set; } = "";
}
