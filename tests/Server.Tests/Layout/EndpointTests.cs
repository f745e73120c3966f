using Halley.Server.CometApi.Transport;
using Halley.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;

namespace Halley.Server.Tests.Layout;

public class EndpointTests
{
    // Who adds a line here says in the review why nobody needs to be signed in.
    private static readonly string[] Anonymous =
    [
        "/api/v1/admin/add-first-admin-user", // checks the set-up token
        "/api/v1/admin/branding/available-platforms", // packages of the client hold nothing secret
        "/api/v1/admin/branding/generate-client",
        "/api/v1/admin/branding/generate-client/by-platform",
        "/api/v1/admin/branding/generate-client/linux-deb",
        "/api/v1/admin/branding/generate-client/linuxgeneric",
        "/api/v1/admin/branding/generate-client/macos-arm64",
        "/api/v1/admin/branding/generate-client/macos-x86_64",
        "/api/v1/admin/branding/generate-client/test",
        "/api/v1/admin/branding/generate-client/windows",
        "/api/v1/admin/branding/generate-client/windows-anycpu-zip",
        "/api/v1/admin/branding/generate-client/windows-x86_64",
        "/api/v1/admin/branding/generate-client/windows-x86_64-zip",
        "/api/v1/update-software/linuxgeneric",
        "/api/v1/update-software/macos-x86_64",
        "/api/v1/{**path}", // answers that there is nothing
        "/api/v2/accounts/pre-login", // answers everybody the same
        "/api/v2/buckets/{bucketId}/lost-files", // checks the bucket's key
        "/api/v2/buckets/{bucketId}/own-key", // checks the bucket's key
        "/api/v2/buckets/{bucketId}/own-key/retirement", // checks the bucket's key
        "/api/v2/buckets/{bucketId}/reread", // checks the bucket's key
        "/api/v2/sessions", // checks the password
        "/api/v2/sessions/install-token", // checks the token
        "/downloads/install.sh", // for machines that have no account yet
        "/downloads/{name}",
        "/gen/branding.props", // names and colours, shown before anybody signs in
        "/gen/logo.img",
        "/healthz",
        "/live/lobby", // devices that have no account yet; an administrator signs them in
        "/live/lobby/negotiate", // refuses everybody
        "/metrics", // this machine, or the token
        "/not-found", // a page that says so
        "/readyz",
        "/setup", // checks the set-up token
        "/sign-in",
        "/sign-in/passkey", // checks the passkey
        "/sign-in/passkey/question",
        "/sign-in/session", // checks the session key
        "/swagger/{documentName}/swagger.{extension}", // describes the API, and holds nothing that is not in the source
        "/vault/{**path}", // checks the bucket's key
    ];

    [Fact]
    public async Task Anonymous_endpoints_are_these_and_all_others_name_a_policy()
    {
        await using var host = await ServerHost.StartAsync();
        var endpoints = host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null) // files that ship with the program
            .Where(endpoint => endpoint.RoutePattern.RawText != "{**path:file}") // the framework's 404 for files that do not ship with it
            .ToList();
        var open = endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).ToList();
        // The vendor's calls have their credentials in the body: CometEndpoint checks them, and those that are not built only say so.
        var checkedInside =
            open.Where(endpoint => endpoint.Metadata.OfType<CometAudience>().Any(audience => audience != CometAudience.Everybody)).ToList();

        Assert.Equal(Anonymous, open.Except(checkedInside).Select(
            endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')).Distinct().Order(StringComparer.Ordinal));
        Assert.All(endpoints.Except(open), endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy));
    }
}
