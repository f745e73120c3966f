using System.Net.Mime;
using Halley.Protocol;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Halley.Server.Hosting;

/// <summary>
/// Compresses the JSON of both APIs for clients that support it: lists of profiles and jobs have megabytes. Vault data, which is encrypted,
/// event streams and pages are not compressed. Compressing secrets is safe here, even over HTTPS: a foreign page can make a browser send
/// cookies, which the APIs ignore, but neither a form's credentials nor a Bearer key.
/// </summary>
internal static class CompressionSetup
{
    private static readonly string[] Prefixes = [Routes.CometApi, Routes.Api];

    public static void AddCompression(this WebApplicationBuilder builder)
    {
        builder.Services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = [MediaTypeNames.Application.Json];
        });
        builder.Services.AddSingleton<IResponseCompressionProvider, LargeAnswers>();
    }

    public static void UseCompression(this IApplicationBuilder app) => app.UseWhen(
        context => Array.Exists(Prefixes, prefix => context.Request.IsBelow(prefix)),
        branch => branch.UseResponseCompression());

    /// <summary>Skips responses that are known to fit into one packet.</summary>
    private sealed class LargeAnswers(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        private const int OnePacket = 1400;

        public override bool ShouldCompressResponse(HttpContext context) =>
            context.Response.ContentLength is null or > OnePacket && base.ShouldCompressResponse(context);
    }
}
