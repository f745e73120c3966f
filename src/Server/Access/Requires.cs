namespace Halley.Server.Access;

/// <summary>The rights that a call requires; flags can be combined.</summary>
[Flags]
internal enum Requires
{
    None = 0,

    /// <summary>Belongs to the server itself, not to an organization.</summary>
    TopLevel = 1 << 0,
    EditServerSettings = 1 << 1,
    ShutDownServer = 1 << 2,
    ChangePassword = 1 << 3,
    EditBranding = 1 << 4,
    EditEmailOptions = 1 << 5,
    EditRemoteStorage = 1 << 6,
    EditWebhooks = 1 << 7,
    EditExternalSignIn = 1 << 8,
    ViewServerHistory = 1 << 9,
    ViewServerInfo = 1 << 10,
    DeleteStorageVault = 1 << 11,
    RequestStorageVault = 1 << 12,
    AddCustomStorageVault = 1 << 13,
    ConstellationRole = 1 << 14,
    SoftwareBuildRole = 1 << 15,

    /// <summary>Reads and changes the credentials of business systems, of the server or of the own organization.</summary>
    EditIntegrations = 1 << 16,

    /// <summary>Acts as a backup user.</summary>
    ActAsUser = 1 << 17,
}
