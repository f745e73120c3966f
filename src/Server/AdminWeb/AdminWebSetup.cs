using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb.Account;
using Halley.Server.AdminWeb.Accounts;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AdminWeb.SignIn;
using Halley.Server.Attention;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.AspNetCore.Http.HttpResults;
using MudBlazor.Services;

namespace Halley.Server.AdminWeb;

/// <summary>The pages for administrators. Everything they need comes from this server: it works in a network without internet.</summary>
internal static class AdminWebSetup
{
    private const string AccountPath = "/account";

    // What is not a page: an error there is answered in the manner of that surface.
    private static readonly string[] OtherSurfaces =
        ["/api", Routes.Vault, "/live", Routes.Health, Routes.Ready, "/_blazor", "/_framework", "/_content"];

    public static void AddAdminWeb(this WebApplicationBuilder builder)
    {
        // Without this the style sheets of packages are only found after `dotnet publish`.
        StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
        builder.AddAttention();
        builder.AddOptionsOf<SessionSignInOptions>(SessionSignInOptions.Section);
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.VisibleStateDuration = 4000;
        });
        services.AddCascadingAuthenticationState();
        services.AddHttpContextAccessor();
        services.AddAntiforgery();
        services.AddScoped<AuthenticationStateProvider, CircuitAdministrator>();
        services.AddScoped<PageVisibility>();
        services.AddScoped<PublicAddress>();
        services.AddScoped<VaultAdding>();
        services.AddSingleton<OpenPages>();
        services.AddScoped<PageAdministrator>();
    }

    public static void MapAdminWeb(this WebApplication app)
    {
        app.MapAttention();
        app.UseMiddleware<PageHeaders>();
        app.UseWhen(IsForPerson, branch =>
        {
            branch.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = ShowProblemAsync,
                SuppressDiagnosticsCallback = failure => failure.Exception is BadHttpRequestException,
                StatusCodeSelector = failure => (failure as BadHttpRequestException)?.StatusCode
                    ?? ExplainedFailure.Of(app.Services, failure)?.Status ?? StatusCodes.Status500InternalServerError,
                CreateScopeForErrors = true,
            });
            branch.UseStatusCodePages(pages => ShowProblemAsync(pages.HttpContext));
        });
        app.UseAntiforgery();
        app.Use(app.Services.GetRequiredService<OpenPages>().AdmitAsync);
        app.Use(RefuseForeignFormAsync);
        app.Use(LeadToPasswordChangeAsync);
        app.MapStaticAssets().AllowAnonymous();
        app.MapSignOut();
        app.MapPasswordChange();
        app.MapPasskeyForms();
        app.MapSessionSignIn();
        app.MapRazorComponents<App>()
            // PageHeaders says it for every page, not only for those with a circuit.
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization(Policies.Administrator);
    }

    private static Task ShowProblemAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var parameters = new Dictionary<string, object?>
        {
            [nameof(ProblemDocument.Status)] = status,
            [nameof(ProblemDocument.Base)] = $"{context.Request.PathBase}/",
            [nameof(ProblemDocument.View)] = BrowserView.Of(context),
        };
        return new RazorComponentResult<ProblemDocument>(parameters) { StatusCode = status }.ExecuteAsync(context);
    }

    // The middleware before only marks such a request; reading its form would then be an error of ours.
    private static Task RefuseForeignFormAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }

    // An administrator that must change its password sees only the page for it.
    private static Task LeadToPasswordChangeAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsForPerson(context) || Caller.TryOf(context.User) is not { MustChangePassword: true }
            || !HttpMethods.IsGet(context.Request.Method) || context.Request.Path == AccountPath
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context);
        }

        context.Response.Redirect($"{AccountPath}?password=required");
        return Task.CompletedTask;
    }

    private static bool IsForPerson(HttpContext context) =>
        !OtherSurfaces.Any(surface => context.Request.IsBelow(surface));
}
