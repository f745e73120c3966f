using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Settings;

/// <summary>Names, colours and images.</summary>
public class BrandingOptions : CometDocument
{
    public long BrandingStyleType { get; set; }
    public string BrandName { get; set; } = "";
    public string LogoImage { get; set; } = "";
    public string TopColor { get; set; } = "";
    public string AccentColor { get; set; } = "";
    public string Favicon { get; set; } = "";
    public bool HideNewsArea { get; set; }
    public string ProductName { get; set; } = "";
    public string CompanyName { get; set; } = "";
    public string HelpURL { get; set; } = "";
    public bool HelpIsPopup { get; set; }
    public string DefaultLoginServerURL { get; set; } = "";
    public string TileBackgroundColor { get; set; } = "";
    public string AccountRegisterURL { get; set; } = "";
    public bool HideBackgroundLogo { get; set; }
    public string CloudStorageName { get; set; } = "";
    public bool AdminHidePreBuiltClientOption { get; set; }
    public bool AdminHideBrandedCloudStorage { get; set; }
    public long BuildMode { get; set; }
    public string PathIcoFile { get; set; } = "";
    public string PathIcnsFile { get; set; } = "";
    public string PathMenuBarIcnsFile { get; set; } = "";
    public string PathEulaRtf { get; set; } = "";
    public string PathTilePng { get; set; } = "";
    public string PathHeaderImage { get; set; } = "";
    public string PathAppIconImage { get; set; } = "";
    public string PackageIdentifier { get; set; } = "";
    public long WindowsCodeSignMethod { get; set; }
    public string WindowsCodeSignPKCS12FilePath { get; set; } = "";
    public ulong WindowsCodeSignPKCS12PasswordFormat { get; set; }
    public string WindowsCodeSignPKCS12Password { get; set; } = "";
    public string WindowsCodeSignPKCS11Engine { get; set; } = "";
    public string WindowsCodeSignPKCS11Module { get; set; } = "";
    public string WindowsCodeSignPKCS11Certfile { get; set; } = "";
    public string WindowsCodeSignPKCS11KeyID { get; set; } = "";
    public ulong WindowsCodeSignPKCS11PasswordFormat { get; set; }
    public string WindowsCodeSignPKCS11Password { get; set; } = "";
    public string WindowsCodeSignAzureVaultName { get; set; } = "";
    public string WindowsCodeSignAzureCertName { get; set; } = "";
    public string WindowsCodeSignAzureAppID { get; set; } = "";
    public ulong WindowsCodeSignAzureAppSecretFormat { get; set; }
    public string WindowsCodeSignAzureAppSecret { get; set; } = "";
    public string WindowsCodeSignAzureTenantID { get; set; } = "";
    public string WindowsCodeSignRelicServerURL { get; set; } = "";
    public string WindowsCodeSignRelicKeypairFile { get; set; } = "";
    public string WindowsCodeSignRelicKeyName { get; set; } = "";
    public MacOSCodeSignProperties MacOSCodeSign { get; set; } = new();
}

/// <summary>How programs for macOS are signed.</summary>
public class MacOSCodeSignProperties : CometDocument
{
    public long Level { get; set; }
    public bool SignLocally { get; set; }
    public SSHConnection SSHServer { get; set; } = new();
    public string CertificateName { get; set; } = "";
    public string AppCertificateName { get; set; } = "";
    public string AppleID { get; set; } = "";
    public string AppleIDPass { get; set; } = "";
    public ulong AppleIDPassFormat { get; set; }
    public string CertificateFile { get; set; } = "";
    public string AppCertificateFile { get; set; } = "";
    public string PfxFilePassword { get; set; } = "";
    public ulong PfxFilePasswordFormat { get; set; }
    public string NotaryAPIIssuerID { get; set; } = "";
    public string NotaryAPIKeyID { get; set; } = "";
    public string NotaryAPIKeyFile { get; set; } = "";
}
