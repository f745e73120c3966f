using Microsoft.AspNetCore.Diagnostics;

namespace Halley.Server.Hosting;

internal static class ProblemsSetup
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.Converters.Add(new TextConverter()));
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
            ExceptionHandler = context => AnswerFailureAsync(context, prefix),
            StatusCodeSelector = failure => (failure as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
        });
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(prefix, StringComparison.Ordinal),
            branch => branch.UseStatusCodePages(pages => WriteAsync(pages.HttpContext)));
    }

    private static Task AnswerFailureAsync(HttpContext context, string prefix)
    {
        var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? context.Request.Path;
        return new PathString(path).StartsWithSegments(prefix, StringComparison.Ordinal) ? WriteAsync(context) : Task.CompletedTask;
    }

    // A result instead of the service alone, which writes nothing to a client that does not accept JSON.
    private static Task WriteAsync(HttpContext context)
    {
        var (code, detail) = CodeOf(context, context.Response.StatusCode);
        return Problems.Problem(context.Response.StatusCode, code, detail).ExecuteAsync(context);
    }

    private static (string Code, string Detail) CodeOf(HttpContext context, int status) =>
        context.RequestServices.GetServices<StatusExplanation>().Select(explain => explain(context, status))
            .FirstOrDefault(found => found is not null)
        ?? Problems.ForStatus(status);
}
