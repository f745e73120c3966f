using Halley.Protocol.Comet;
using Halley.Protocol.Settings;

namespace Halley.Protocol.Organizations;

/// <summary>A tenant: its hosts, and settings of its own.</summary>
public class Organization : CometDocument
{
    public Dictionary<string, FileOption> AuditFileOptions { get; set; } = [];
    public BrandingOptions Branding { get; set; } = new();
    public ConstellationRoleOptions ConstellationRole { get; set; } = new();
    public EmailOptions Email { get; set; } = new();

    [OmitEmpty]
    public List<string> ExperimentalOptions { get; set; } = [];

    public List<string> Hosts { get; set; } = [];
    public string Name { get; set; } = "";
    public bool IsSuspended { get; set; }
    public List<PSAConfig> PSAConfigs { get; set; } = [];
    public List<RemoteStorageOption> RemoteStorage { get; set; } = [];
    public SoftwareBuildRoleOptions SoftwareBuildRole { get; set; } = new();
    public Dictionary<string, WebhookOption> WebhookOptions { get; set; } = [];
}
