using System.Text;
using Halley.Protocol;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.ClientPackages;

/// <summary>
/// <c>/downloads</c>: packages of the client for new devices and for updates. They hold nothing secret and need no credential, because a
/// device has none before it is installed.
/// </summary>
internal static class ClientPackagesApi
{
    private const string ServerPlace = "@SERVER@";

    private static readonly Lazy<string> InstallScript = new(() =>
    {
        using var resource = typeof(ClientPackagesApi).Assembly.GetManifestResourceStream("install.sh")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    });

    public static void AddClientPackages(this WebApplicationBuilder builder) => builder.Services.AddSingleton<ClientPackageStore>();

    public static void MapClientPackages(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Downloads").AllowAnonymous();
        group.MapGet(Routes.InstallScript, GetInstallScript);
        group.MapGet(Routes.Download, DownloadAsync);
    }

    private static Results<ContentHttpResult, ProblemHttpResult> GetInstallScript(
        HttpContext context, ClientPackageStore packages, HalleyOptions options)
    {
        if (!packages.IsOn)
        {
            return NotFound();
        }

        var request = context.Request;
        var address = (options.PublicUrl ?? $"{request.Scheme}://{request.Host}").TrimEnd('/');
        return IsPlain(address)
            ? TypedResults.Text(
                InstallScript.Value.Replace(ServerPlace, address, StringComparison.Ordinal), "text/x-shellscript", Encoding.UTF8)
            : Problems.BadRequest("host_invalid", "The name of the host in the request cannot stand in a shell script.");
    }

    // The address becomes part of a script that runs as root.
    private static bool IsPlain(string address) => address.All(sign => char.IsAsciiLetterOrDigit(sign) || "-._~:/[]%".Contains(sign));

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadAsync(
        string name, ClientPackageStore packages, HttpContext context, CancellationToken cancellationToken)
    {
        if (await packages.OpenAsync(name, cancellationToken) is not { } content)
        {
            return NotFound();
        }

        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Stream(
            content, name == PackageList.FileName ? "application/json" : "application/octet-stream", name, enableRangeProcessing: true);
    }

    private static ProblemHttpResult NotFound() => Problems.NotFound(
        "package_not_found",
        "This server offers no such package. /downloads/packages.json lists those it offers; an administrator adds them with "
        + "deploy/build-packages.sh and the setting Halley:PackagesDirectory.");
}
