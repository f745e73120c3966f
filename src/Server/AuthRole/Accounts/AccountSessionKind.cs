using System.Net;
using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Sessions of users at <c>/api/v2</c>.</summary>
internal sealed class AccountSessionKind(
    AccountAccess access, AccountSessions sessions, DeviceActions devices, DeviceProofs proofs, OrganizationCache organizations)
    : ISessionKind
{
    public bool IsFor(StartSession request) => request.LKey is not null || request.Device is not null;

    public Task<bool> KnowsAsync(string username, CancellationToken cancellationToken) => access.KnowsAsync(username, cancellationToken);

    public async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(StartSession request, HttpContext context)
    {
        var credential =
            new AccountCredential(
                request.Username ?? "", request.LKey, request.LKey is null ? request.Password ?? "" : null, request.Totp,
                await ProofAsync(request, context.RequestAborted), request.Device?.Id);
        var signIn = await access.SignInAsync(credential, context.Connection.RemoteIpAddress, context.RequestAborted);
        return signIn.Account is { } account && organizations.Admits(account.OrganizationId, context.Request.Host)
            ? await StartAsync(account, request.Device, context, context.RequestAborted, signIn.App)
            : Refuse(signIn.Result, context);
    }

    /// <summary>Starts a session of a user whose credential was checked. A device is registered first.</summary>
    /// <param name="app">The authenticator app whose code was accepted; null without one. The device gets a proof of that.</param>
    public async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(
        AccountIdentity account, RegisterDevice? device, HttpContext context, CancellationToken cancellationToken, string? app = null)
    {
        if (device is not null && !account.MustChangePassword)
        {
            if (await RegisterAsync(account, device, cancellationToken) is { } refusal)
            {
                return refusal.ToProblem(context);
            }
        }

        var (key, session) = await sessions.StartAsync(
            account, SessionOrigin.Of(context), account.MustChangePassword ? null : device?.Id, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(Routes.UserCurrentSession, new SessionStarted(
            key, account.Username, session.ExpiresAt, session.EndsAt, CallerKind.Account, account.MustChangePassword,
            app is not null && session.DeviceId is { } registered ? proofs.Issue(account.Id, registered, app) : null));
    }

    public async Task<ClaimsPrincipal?> UseAsync(string key, IPAddress? client, string scheme, CancellationToken cancellationToken) =>
        (await sessions.UseAsync(key, cancellationToken))?.ToPrincipal(scheme);

    // On the budget of the account, which has signed in, and not on that of an address, which many share and one changes. A sign-in of a
    // known device stores nothing here and works without a budget.
    private async Task<Refusal?> RegisterAsync(AccountIdentity account, RegisterDevice device, CancellationToken cancellationToken)
    {
        GrowthCaller.Follow(CallerKind.Account, account.Id.ToString(), account.OrganizationId);
        return await devices.RegisterAsync(account, device, cancellationToken);
    }

    private async Task<DeviceProof?> ProofAsync(StartSession request, CancellationToken cancellationToken) =>
        proofs.Read(request.DeviceProof) is { } proof && proof.DeviceId == request.Device?.Id
        && await devices.IsRegisteredSinceAsync(proof.AccountId, proof.DeviceId, proof.IssuedAt, cancellationToken)
            ? proof
            : null;

    private static ProblemHttpResult Refuse(AccountSignInResult result, HttpContext context)
    {
        switch (result)
        {
            case AccountSignInResult.Suspended:
                return Problems.Unauthorized(
                    "account_suspended", "The account is suspended. Its administrator can let it back; the device then signs in itself.");
            case AccountSignInResult.CodeMissing:
                return Problems.Unauthorized("totp_required", "Send a code of the authenticator app, or a recovery code, as totp.");
            case AccountSignInResult.PasswordsNotTaken:
                return Problems.Unauthorized(
                    "password_not_taken", "This server accepts no passwords of users; derive the L-key and send that.");
            case AccountSignInResult.Busy:
                context.Response.Headers.RetryAfter = "5";
                return Problems.TooManyRequests("The server is checking too many passwords; try again in a few seconds.");
            default:
                return Problems.Unauthorized(
                    CallerProblems.InvalidCredentials,
                    "Name, password or code is wrong, or there were too many wrong attempts; check them, or wait five minutes.");
        }
    }
}
