using Halley.Protocol.Comet;
using Halley.Protocol.Settings;

namespace Halley.Protocol.Administrators;

/// <summary>How an administrator signs in. Secrets are masked when read; a mask that is sent back means unchanged.</summary>
public class AdminSecurityOptions : CometDocument
{
    public long PasswordFormat { get; set; }
    public string Password { get; set; } = "";
    public bool AllowPasswordLogin { get; set; }
    public bool AllowPasswordAndTOTPLogin { get; set; }
    public bool AllowPasswordAndU2FLogin { get; set; }
    public bool AllowPasswordAndWebAuthnLogin { get; set; }

    [OmitEmpty]
    public List<AdminU2FRegistration> U2FRegistrations { get; set; } = [];

    [OmitEmpty]
    public List<AdminWebAuthnRegistration> WebAuthnRegistrations { get; set; } = [];

    public bool RequirePasswordChange { get; set; }

    [OmitEmpty]
    public long TOTPKeyEncryptionFormat { get; set; }

    [OmitEmpty]
    public string TOTPKey { get; set; } = "";

    [OmitEmpty]
    public string IPWhitelist { get; set; } = "";
}

/// <summary>What an administrator may not do, or may although he belongs to a tenant.</summary>
public class AdminUserPermissions : CometDocument
{
    [OmitEmpty]
    public bool PreventEditServerSettings { get; set; }

    [OmitEmpty]
    public bool PreventServerShutdown { get; set; }

    [OmitEmpty]
    public bool PreventChangePassword { get; set; }

    [OmitEmpty]
    public bool AllowEditBranding { get; set; }

    [OmitEmpty]
    public bool AllowEditEmailOptions { get; set; }

    [OmitEmpty]
    public bool AllowEditRemoteStorage { get; set; }

    [OmitEmpty]
    public bool AllowEditWebhooks { get; set; }

    [OmitEmpty]
    public bool AllowEditExternalAuthSources { get; set; }

    [OmitEmpty]
    public bool DenyConstellationRole { get; set; }

    [OmitEmpty]
    public bool DenyViewServerHistory { get; set; }

    [OmitEmpty]
    public bool DenyViewServerInfo { get; set; }

    [OmitEmpty]
    public bool PreventDeleteStorageVault { get; set; }

    [OmitEmpty]
    public bool PreventRequestStorageVault { get; set; }

    [OmitEmpty]
    public bool PreventAddCustomStorageVault { get; set; }

    [OmitEmpty]
    public bool HideCloudStorageBranding { get; set; }

    [OmitEmpty]
    public bool ShouldRestrictProviderList { get; set; }

    [OmitEmpty]
    public List<ulong> AllowedProvidersWhenRestricted { get; set; } = [];

    [OmitEmpty]
    public List<string> AllowedUserPolicies { get; set; } = [];

    [OmitEmpty]
    public bool DenySoftwareBuildRole { get; set; }
}

/// <summary>An administrator with everything the configuration knows of him.</summary>
public class AllowedAdminUser : CometDocument
{
    public string Username { get; set; } = "";

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    [OmitEmpty]
    public string ExternalAuthenticationSource { get; set; } = "";

    public long PasswordFormat { get; set; }
    public string Password { get; set; } = "";
    public bool AllowPasswordLogin { get; set; }
    public bool AllowPasswordAndTOTPLogin { get; set; }
    public bool AllowPasswordAndU2FLogin { get; set; }
    public bool AllowPasswordAndWebAuthnLogin { get; set; }

    [OmitEmpty]
    public List<AdminU2FRegistration> U2FRegistrations { get; set; } = [];

    [OmitEmpty]
    public List<AdminWebAuthnRegistration> WebAuthnRegistrations { get; set; } = [];

    public bool RequirePasswordChange { get; set; }

    [OmitEmpty]
    public long TOTPKeyEncryptionFormat { get; set; }

    [OmitEmpty]
    public string TOTPKey { get; set; } = "";

    [OmitEmpty]
    public string IPWhitelist { get; set; } = "";

    public AdminUserPermissions Permissions { get; set; } = new();
}

/// <summary>A security key of the older kind.</summary>
public class AdminU2FRegistration : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long RegisterTime { get; set; }

    public byte[] Registration { get; set; } = [];
}

/// <summary>A security key or passkey.</summary>
public class AdminWebAuthnRegistration : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long RegisterTime { get; set; }

    public long Type { get; set; }

    [OmitEmpty]
    public bool IsLegacyU2F { get; set; }

    [OmitEmpty]
    public byte[] ID { get; set; } = [];

    public WebAuthnCredential Credential { get; set; } = new();
}

/// <summary>What is kept of a security key.</summary>
public class WebAuthnCredential : CometDocument
{
    public byte[] PublicKey { get; set; } = [];
    public string AttestationType { get; set; } = "";
    public byte[] AAGUID { get; set; } = [];
    public uint SignCount { get; set; }
    public bool CloneWarning { get; set; }
}
