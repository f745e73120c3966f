using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.Hosting;

internal static class ProblemsSetup
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            if (!context.ProblemDetails.Extensions.ContainsKey("code"))
            {
                var status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
                var (code, detail) = status == 403 && context.HttpContext.User.HasClaim(claim => claim.Type == CallerKind.MustChangePassword)
                    ? Problems.ChangePasswordFirst
                    : Problems.ForStatus(status);
                context.ProblemDetails.Extensions["code"] = code;
                context.ProblemDetails.Detail = detail;
            }
        });
    }

    /// <summary>Turns failures and empty error answers below <paramref name="prefix"/> into problems; elsewhere failures stay a bare status.</summary>
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

    private static Task<bool> WriteAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = context.Response.StatusCode },
        }).AsTask();
}
