using System.Net.Mime;
using Halley.Protocol;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Halley.Server.Hosting;

/// <summary>
/// Compresses the JSON of both APIs for clients that ask for it: lists of profiles and jobs have megabytes. Never what the vault serves,
/// which is encrypted, nor event streams, nor pages. That answers hold secrets is no danger here, over https either: a page of somebody
/// else can make
/// a browser send cookies, by which no answer of the APIs is given, but neither a form's credentials nor a Bearer key.
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
        context => Array.Exists(Prefixes, prefix => context.Request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)),
        branch => branch.UseResponseCompression());

    /// <summary>Leaves alone what is known to fit into one packet anyway.</summary>
    private sealed class LargeAnswers(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        private const int OnePacket = 1400;

        public override bool ShouldCompressResponse(HttpContext context) =>
            context.Response.ContentLength is null or > OnePacket && base.ShouldCompressResponse(context);
    }
}
