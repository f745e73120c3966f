using Halley.Protocol;
using Halley.Protocol.Settings;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.ClientPackages;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Halley.Server.Settings.Resources;
using Halley.Server.Settings.Statistics;

namespace Halley.Server.CometApi.Calls;

/// <summary>
/// Public information about the server, available before sign-in: names, colours and the logo of the tenant whose host is requested.
/// </summary>
internal static class BrandingCalls
{
    private const string Product = "Halley";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // The vendor's clients send GET or POST, some with a body, which is ignored.
        endpoints.MapMethods(Routes.BrandingProperties, [HttpMethods.Get, HttpMethods.Post], PropertiesAsync)
            .WithTags("Comet").AllowAnonymous();
        endpoints.MapGet(Routes.BrandingLogo, LogoAsync).WithTags("Comet").AllowAnonymous();
    }

    private static async Task PropertiesAsync(
        HttpContext context, ServerSettings settings, OrganizationCache organizations, StatisticsWork statistics, SetupToken setup,
        ClientPackageStore packages)
    {
        var branding = BrandingOf(context, settings, organizations);
        var hash = LogoOf(branding);
        var empty = setup.Current is not null && (await statistics.CountAsync(null, context.RequestAborted)).Users == 0;
        await CometEndpoint.WriteAsync(context, new ServerMetaBrandingProperties
        {
            BrandName = Or(branding.BrandName, Product),
            ProductName = Or(branding.ProductName, Product),
            HasImage = hash.Length > 0,
            ImageEtag = hash,
            TopColor = Or(branding.TopColor, "#1F3A5F"),
            AccentColor = Or(branding.AccentColor, "#2F6FDE"),
            HideNewsArea = branding.HideNewsArea,
            AllowUnauthenticatedDownloads = packages.IsOn,
            AllowAuthenticatedDownloads = packages.IsOn,
            PruneLogsAfterDays = settings.Current.AuthenticationRole.PruneLogsAfterDays,
            ExpiredInSeconds = (long)settings.Current.SessionSettings.ExpiredInSeconds,
            ServerIsEmpty = empty,
            CloudStorageName = branding.CloudStorageName,
            AdminHidePreBuiltClientOption = branding.AdminHidePreBuiltClientOption,
            AdminHideBrandedCloudStorage = branding.AdminHideBrandedCloudStorage,
        });
    }

    private static async Task<IResult> LogoAsync(
        HttpContext context, ServerSettings settings, OrganizationCache organizations, ResourceStore resources)
    {
        var hash = LogoOf(BrandingOf(context, settings, organizations));
        if (hash.Length == 0
            || await resources.FindAsync(hash, organizations.OfHost(context.Request.Host)?.Id, context.RequestAborted) is not { } content
            || ResourceStore.ImageTypeOf(content) is not { } type)
        {
            return TypedResults.NotFound();
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        context.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Bytes(content, type);
    }

    private static BrandingOptions BrandingOf(HttpContext context, ServerSettings settings, OrganizationCache organizations) =>
        organizations.OfHost(context.Request.Host)?.Document.Branding ?? settings.Current.Branding;

    private static string LogoOf(BrandingOptions branding) =>
        ResourceStore.HashOf(branding.LogoImage) is var hash && hash != branding.LogoImage ? hash : "";

    private static string Or(string text, string absent) => text.Length > 0 ? text : absent;
}
