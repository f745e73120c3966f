using Halley.Protocol.Comet;
using Halley.Protocol.Organizations;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Halley.Server.CometApi.Calls;

/// <summary>
/// The vendor's calls about the configuration. The vendor's one document is several things here: settings, tenants, administrators, options
/// of the process. Values that are not settings are shown. What a document changes and this server cannot apply stays as it is, and the
/// response lists it (decision 0006).
/// </summary>
internal sealed class ServerConfigCalls(
    ServerSettings settings, ServerStart start, OrganizationCache organizations, OrganizationActions actions,
    AdministratorStore administrators, AdministratorImport import, IServer server)
{
    private const Requires Whole = Requires.TopLevel | Requires.EditServerSettings;

    // Clients check the shape of the vendor's licence; this server has none.
    private const string SerialNumber = "HALL-EY00-0000-0000-0000-0000";

    public static void Map(CometMap<ServerConfigCalls> map)
    {
        map.Admin("meta/server-config/get", "", Whole, (api, call) => api.GetAsync(call));
        map.Admin("meta/server-config/set", "Config json:ServerConfigOptions", Whole, (api, call) => api.SetAsync(call));
        map.Admin("meta/build-config/get", "", Requires.EditBranding, (api, call) => Reply(
            new ServerConfigOptionsSoftwareBuildRoleFragment
            {
                SoftwareBuildRole = api.Of(call)?.SoftwareBuildRole ?? api.Current.SoftwareBuildRole,
            }));
        map.Admin(
            "meta/build-config/set", "SoftwareBuildRoleConfig json:SoftwareBuildRoleOptions", Requires.EditBranding,
            (api, call) => api.SetPartAsync<SoftwareBuildRoleOptions>(
                call, "SoftwareBuildRoleConfig",
                (options, part) => options.SoftwareBuildRole = part, (tenant, part) => tenant.SoftwareBuildRole = part));
        map.Admin("meta/constellation/config/get", "", Requires.ConstellationRole, (api, call) => Reply(
            api.Of(call)?.ConstellationRole ?? api.Current.ConstellationRole));
        map.Admin(
            "meta/constellation/config/set", "ConstellationRoleOptions json:ConstellationRoleOptions", Requires.ConstellationRole,
            (api, call) => api.SetPartAsync<ConstellationRoleOptions>(
                call, "ConstellationRoleOptions",
                (options, part) => options.ConstellationRole = part, (tenant, part) => tenant.ConstellationRole = part));
        map.Admin("meta/psa-config-list/get", "", Requires.EditIntegrations, (api, call) => Reply(
            api.Of(call)?.PSAConfigs ?? api.Current.PSAConfigs));
        map.Admin(
            "meta/psa-config-list/set", "PSAConfigList json:[]PSAConfig", Requires.EditIntegrations,
            (api, call) => api.SetPartAsync<List<PSAConfig>>(
                call, "PSAConfigList", (options, part) => options.PSAConfigs = part, (tenant, part) => tenant.PSAConfigs = part));
        map.Admin("meta/branding-config/get", "", Requires.EditBranding, (api, call) => Reply(
            new ServerConfigOptionsBrandingFragment { Branding = api.Of(call)?.Branding ?? api.Current.Branding }));
        map.Admin(
            "meta/branding-config/set", "BrandingConfig json:BrandingOptions", Requires.EditBranding,
            (api, call) => api.SetPartAsync<BrandingOptions>(
                call, "BrandingConfig", (options, part) => options.Branding = part, (tenant, part) => tenant.Branding = part));
    }

    private static CometReply<T> Reply<T>(T content)
        where T : notnull => content;

    private ServerConfigOptions Current => settings.Current;

    private async Task<CometReply<ServerConfigOptions>> GetAsync(CometCall call) => await ComposeAsync(call.Aborted);

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<ServerConfigOptions>("Config", out var config) || config is null)
        {
            return CometErrors.BadField("Config", "must be ServerConfigOptions as JSON");
        }

        // An empty or partial document would switch both roles off.
        if (config.AdminUsers.Count == 0)
        {
            return CometErrors.BadField("Config", "must be a whole configuration, and this one has no AdminUsers");
        }

        List<string> left = [.. settings.Reduce(config), .. Differences(await ComposeAsync(call.Aborted), config)];
        var users = config.AdminUsers;
        (config.AdminUsers, config.Organizations, config.ListenAddresses, config.License) = ([], [], [], new LicenseOptions());
        if (await settings.ReplaceAsync(config, call.Aborted, call.Administrator.Name) is { } refusal)
        {
            return CometErrors.Of(refusal);
        }

        left.AddRange(await import.ApplyAsync(call.Caller, users, call.Aborted));
        start.Renew();
        return left.Count == 0
            ? CometApiResponseMessage.Ok
            : CometApiResponseMessage.Ok with { Message = $"OK. Not applied: {string.Join(" ", left)}" };
    }

    private async Task<ServerConfigOptions> ComposeAsync(CancellationToken cancellationToken)
    {
        var document = CometJson.Copy(Current);
        document.AdminUsers = (await administrators.ListAsync(after: null, int.MaxValue, cancellationToken))
            .ConvertAll(AdministratorWire.Of);
        document.Organizations = organizations.All.ToDictionary(one => one.Key, one => one.Value.Document);
        document.ListenAddresses = [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Select(address => address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/'))
            .Select(address => new HTTPConnectorOptions { ListenAddress = address })];
        document.License = new LicenseOptions { SerialNumber = SerialNumber };
        return document;
    }

    private static IEnumerable<string> Differences(ServerConfigOptions present, ServerConfigOptions request)
    {
        if (!AreEqual(present.Organizations, request.Organizations))
        {
            yield return "Organizations stay as they are; use organization/set and organization/delete.";
        }

        if (!present.ListenAddresses.Select(one => one.ListenAddress).Order(StringComparer.Ordinal)
            .SequenceEqual(request.ListenAddresses.Select(one => one.ListenAddress).Order(StringComparer.Ordinal)))
        {
            yield return "ListenAddresses stay as they are while the server runs; start it with other --urls.";
        }
    }

    private static bool AreEqual<T>(Dictionary<string, T> one, Dictionary<string, T> other)
        where T : CometDocument =>
        one.Count == other.Count && one.All(item => other.TryGetValue(item.Key, out var same) && CometJson.AreEqual(item.Value, same));

    /// <summary>The document of the caller's tenant; null for the top level.</summary>
    private Organization? Of(CometCall call) => organizations.Find(call.Administrator.OrganizationId)?.Document;

    private async Task<CometApiResponseMessage> SetPartAsync<T>(
        CometCall call, string field, Action<ServerConfigOptions, T> put, Action<Organization, T> putTenant)
        where T : class
    {
        if (!call.Form.TryJson<T>(field, out var part) || part is null)
        {
            return CometErrors.BadField(field, $"must be {typeof(T).Name} as JSON");
        }

        // The rules for a tenant's part are those for the server's.
        var probe = new ServerConfigOptions();
        put(probe, part);
        return CometErrors.OkOr(call.Administrator.IsTopLevel
            ? await settings.ChangeAsync(options => put(options, part), call.Aborted, call.Administrator.Name)
            : settings.Check(probe)
                ?? await actions.ChangeOwnAsync(call.Caller, document => putTenant(document, part), call.Aborted));
    }
}
