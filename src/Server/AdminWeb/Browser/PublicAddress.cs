using Halley.Protocol;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>The address under which clients reach this server: from the settings, otherwise the address of the open page.</summary>
internal sealed class PublicAddress(HalleyOptions options, NavigationManager navigation)
{
    public Uri Base => new((options.PublicUrl ?? navigation.BaseUri).TrimEnd('/') + "/");

    public string VaultOf(string bucketId) => $"{Base}{Routes.ToVault(bucketId).TrimStart('/')}";
}
