using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Halley.Server.Hosting;

internal static class ProblemsSetup
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        // Thrown, because only the exception says which field or parameter was wrong.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new TextConverter());
            options.SerializerOptions.Converters.Add(new WordConverter());
            // A misspelt field must not be taken as one that was left out.
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.AddEndpointsApiExplorer();
        builder.Services.AddSingleton<KnownParameters>();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            if (!context.ProblemDetails.Extensions.ContainsKey("code"))
            {
                (context.ProblemDetails.Extensions["code"], context.ProblemDetails.Detail) =
                    CodeOf(context.HttpContext, context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode);
            }
        });
    }

    /// <summary>
    /// Turns failures and empty error responses below <paramref name="prefix"/> into problems. Elsewhere a failure is a bare status.
    /// </summary>
    public static void UseProblems(this IApplicationBuilder app, string prefix)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // The caller's fault; the request log has it.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or RefusedException,
            ExceptionHandler = context => AnswerFailureAsync(context, prefix),
            StatusCodeSelector = failure => (failure as BadHttpRequestException)?.StatusCode
                ?? ExplainedFailure.Of(app.ApplicationServices, failure)?.Status ?? StatusCodes.Status500InternalServerError,
        });
        app.UseWhen(
            context => context.Request.IsBelow(prefix),
            branch =>
            {
                branch.UseStatusCodePages(pages => WriteAsync(pages.HttpContext));
                branch.Use(RequestFaults.KeepBody);
            });
    }

    /// <summary>Goes after the caller is known, so that a stranger learns nothing of an address.</summary>
    public static void UseKnownParameters(this WebApplication app, string prefix)
    {
        var parameters = app.Services.GetRequiredService<KnownParameters>();
        app.UseWhen(
            context => context.Request.IsBelow(prefix),
            branch => branch.Use(parameters.CheckAsync));
    }

    private static async Task AnswerFailureAsync(HttpContext context, string prefix)
    {
        var feature = context.Features.GetRequiredFeature<IExceptionHandlerPathFeature>();
        if (!RequestPaths.IsBelow(feature.Path, prefix))
        {
            return;
        }

        context.SetEndpoint(feature.Endpoint);
        await (await RequestFaults.OfAsync(context, feature.Error) is { } fault
            ? Problems.Problem(fault.Status, fault.Code, fault.Detail).ExecuteAsync(context)
            : WriteAsync(context));
    }

    // A result instead of the service alone, which writes nothing to a client that does not accept JSON.
    private static Task WriteAsync(HttpContext context)
    {
        var (code, detail) = CodeOf(context, context.Response.StatusCode);
        return Problems.Problem(context.Response.StatusCode, code, detail).ExecuteAsync(context);
    }

    private static (string Code, string Detail) CodeOf(HttpContext context, int status) =>
        ExplainedOf(context) is { } failure ? (failure.Code, failure.Detail)
        : context.RequestServices.GetServices<StatusExplanation>().Select(explain => explain(context, status))
            .FirstOrDefault(found => found is not null)
        ?? Problems.ForStatus(status);

    private static ExplainedFailure? ExplainedOf(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>()?.Error is { } failure
            ? ExplainedFailure.Of(context.RequestServices, failure)
            : null;
}
