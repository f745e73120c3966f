using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Server.Settings;
using Halley.Server.Settings.Resources;

namespace Halley.Server.Organizations;

/// <summary>Deletes uploaded files that neither the settings nor any organization refers to.</summary>
internal sealed class ResourcePruningWork(ResourceStore resources, ServerSettings settings, OrganizationCache organizations)
{
    public Task RunOnceAsync(CancellationToken cancellationToken) => resources.PruneAsync(
        [
            JsonSerializer.Serialize(settings.Current, CometJson.Options),
            .. organizations.All.Values.Select(organization => JsonSerializer.Serialize(organization.Document, CometJson.Options)),
        ],
        cancellationToken);
}
