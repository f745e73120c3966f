using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Administrators.Tokens;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Halley.Server.Administrators;

internal static class AdministratorsSetup
{
    private const string CookieOrBearer = "CookieOrBearer";

    public static void AddAdministrators(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<FirstAdminOptions>("FirstAdmin");
        AddIdentity(builder.Services);
        AddSignIn(builder.Services);
        builder.Services.AddScoped<ISessionKind, AdministratorSessionKind>();
        builder.Services.AddScoped<SessionStarts>();
        builder.Services.AddSingleton<SignInLimits>();
        builder.Services.AddSingleton<CookieCheck>();
        builder.Services.AddSingleton<OrganizationPart, AdministratorsOfOrganization>();
        builder.Services.AddSingleton<AdministratorStore>();
        builder.Services.AddSingleton<EventObject, AdministratorOfEvent>();
        builder.Services.AddSingleton<ApiTokenActions>();
        builder.Services.AddSingleton<ListenerMarks>();
        builder.Services.AddSingleton<ListenerMark>(services => services.GetRequiredService<ListenerMarks>().OfAsync);
        builder.Services.AddSingleton<AuthenticatorCodes<Administrator>>();
        builder.Services.AddSingleton<AdministratorCodes>();
        builder.Services.AddSingleton<PasskeyStates>();
        builder.Services.AddScoped<Passkeys>();
        builder.Services.AddSingleton<SignInLock<Administrator>>();
        builder.Services.AddScoped<AdministratorAccess>();
        builder.Services.AddScoped<AdministratorPasswords>();
        builder.Services.AddScoped<AdministratorActions>();
        builder.Services.AddScoped<AdministratorImport>();
        builder.Services.AddScoped<OwnAccountActions>();
        builder.Services.AddScoped<FirstAdministrator>();
        builder.Services.AddSingleton<SetupToken>();
        builder.Services.AddSingleton(
            services => new StartNotice("Set-up link", address => LinkOf(address, services.GetRequiredService<SetupToken>())));
        builder.Services.AddPeriodicWork<AdministratorSessions>(
            "expired-sessions", RunsAt.OneInstance, TimeSpan.FromMinutes(10), (sessions, token) => sessions.RemoveExpiredAsync(token));
    }

    public static async Task PrepareAdministratorsAsync(this WebApplication app)
    {
        DataDirectory.Make(app.Services.GetRequiredService<DataDirectory>().Keys);
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<FirstAdministrator>().PrepareAsync(app.Lifetime.ApplicationStopping);
    }

    public static void MapAdministrators(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSessions();
        endpoints.MapTokens();
        endpoints.MapOwnAccount();
        endpoints.MapAdministratorList();
    }

    private static void AddIdentity(IServiceCollection services)
    {
        services.AddSingleton<IPasswordHasher<Administrator>, AdministratorPasswordHasher>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddIdentityCore<Administrator>(identity =>
        {
            // Only the length is required: rules about kinds of characters make passwords predictable.
            identity.Password = new PasswordOptions
            {
                RequiredLength = 8,
                RequiredUniqueChars = 1,
                RequireDigit = false,
                RequireLowercase = false,
                RequireUppercase = false,
                RequireNonAlphanumeric = false,
            };
            // Names are checked by Administrator.IsAcceptableName.
            identity.User.AllowedUserNameCharacters = "";
        });
        services.AddScoped<IPasskeyHandler<Administrator>, PasskeyHandler<Administrator>>();
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            // The authenticator must verify its owner and store the key itself. The passkey is then two factors, and no name has to be
            // typed.
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
            // Our pages send no referrer, and browsers then hide the origin of a form. So the origin is compared with the address of the
            // request.
            passkeys.ValidateOrigin = origin => ValueTask.FromResult(!origin.CrossOrigin && string.Equals(
                origin.Origin, $"{origin.HttpContext.Request.Scheme}://{origin.HttpContext.Request.Host}",
                    StringComparison.OrdinalIgnoreCase));
        });
        services.AddScoped<IUserStore<Administrator>>(scope =>
            new UserOnlyStore<Administrator, ServerDbContext, Guid>(scope.GetRequiredService<ServerDbContext>()));
    }

    private static void AddSignIn(IServiceCollection services)
    {
        services.AddAuthentication(CookieOrBearer)
            .AddPolicyScheme(CookieOrBearer, null, scheme => scheme.ForwardDefaultSelector = SchemeFor)
            .AddCookie(AdministratorCookie.SchemeName, AdministratorCookie.Configure)
            .AddScheme<AuthenticationSchemeOptions, SessionKeyHandler>(SessionKeyHandler.SchemeName, null);
        services.AddSingleton<InstallationCookies>();
        services.AddOptions<CookieAuthenticationOptions>(AdministratorCookie.SchemeName)
            .Configure<InstallationCookies>((cookie, names) => cookie.CookieManager = names);
        services.AddOptions<AntiforgeryOptions>().Configure<InstallationCookies, IHttpContextAccessor>(
            (forms, names, requests) => forms.Cookie = new FormCookie(names, requests));
        var policies = services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Administrator, policy => policy.RequireAssertion(MayWork))
            .AddPolicy(Policies.OwnAccount, policy => policy.RequireAssertion(request => IsOwner(request.User)))
            // An endpoint that names no policy is closed. This applies only to mapped routes: an unknown address is 404 for everybody, and
            // routing's own responses (405, 415) pass.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder()
                .RequireAssertion(request => request.Resource is HttpContext context
                    && (context.GetEndpoint() is not RouteEndpoint || MayWork(request)))
                .Build());
        foreach (var one in Enum.GetValues<Requires>())
        {
            policies.AddPolicy(Policies.NameOf(one), policy => policy.RequireAssertion(
                request => MayWork(request) && Caller.Of(request.User).Lacks(one) is null));
        }

        services.AddDataProtection().SetApplicationName("Halley");
        services.AddOptions<KeyManagementOptions>().Configure<DataDirectory, ILoggerFactory>((keys, directory, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(directory.Keys), loggers));
    }

    private static bool IsOwner(ClaimsPrincipal user) =>
        Caller.TryOf(user) is not null && !user.HasClaim(claim => claim.Type == TokenScopes.Claim);

    private static bool MayWork(AuthorizationHandlerContext request) =>
        Caller.TryOf(request.User) is { } caller && MayWork(caller, request.User.Identity!.AuthenticationType!)
        && (request.User.FindFirstValue(TokenScopes.Claim) is not { } scopes
            || (request.Resource is HttpContext context && TokenScopes.Allow(scopes, context.Request)));

    // Pages show the change of password instead of their content; the API rejects the request.
    private static bool MayWork(Caller caller, string scheme) => !(caller.MustChangePassword && scheme == SessionKeyHandler.SchemeName);

    // A browser sends cookies even if another site caused the request. So cookies count for pages, never for the API.
    private static string SchemeFor(HttpContext context) =>
        context.Request.IsBelow("/api")
        || context.Request.IsBelow("/live")
            ? SessionKeyHandler.SchemeName
            : AdministratorCookie.SchemeName;

    private static string? LinkOf(Uri address, SetupToken token) =>
        token.Current is { } current ? new Uri(address, Routes.ToSetup(current).TrimStart('/')).ToString() : null;
}
