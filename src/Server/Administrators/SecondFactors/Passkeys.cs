using System.Security.Cryptography;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.Administrators.SecondFactors;

/// <summary>
/// A challenge for the browser's authenticator: the options as JSON, and the encrypted state that must come back with the response.
/// </summary>
internal sealed record PasskeyQuestion(string Options, string State);

/// <summary>The state of a <see cref="PasskeyQuestion"/>, and the credential with which the authenticator responds, as JSON.</summary>
internal sealed record PasskeyAnswer(string State, string Credential);

/// <summary>Passkeys: keys in a phone or a security token that replace the password, because the device verifies its owner.</summary>
internal sealed partial class Passkeys(
    UserManager<Administrator> users, IPasskeyHandler<Administrator> handler, PasskeyStates states, AdministratorStore store,
    SignInLock<Administrator> locks, ILogger<Passkeys> logger)
{
    public const int Most = 20;
    public const int LongestName = 100;

    private static readonly Refusal Failed =
        Refusal.Invalid("passkey_failed", "The answer of the passkey is wrong, too late, or was used already.");

    public async Task<IReadOnlyList<UserPasskeyInfo>> ListAsync(Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { } administrator ? [.. await users.GetPasskeysAsync(administrator)] : [];

    public async Task<PasskeyQuestion> AskToRegisterAsync(Caller caller, HttpContext context)
    {
        var entity = new PasskeyUserEntity { Id = caller.Id.ToString(), Name = caller.Name, DisplayName = caller.Name };
        var made = await handler.MakeCreationOptionsAsync(entity, context);
        return new PasskeyQuestion(made.CreationOptionsJson, states.Protect(made.AttestationState));
    }

    /// <summary>Stores a new passkey, unless the response is wrong, late or for somebody else.</summary>
    public async Task<Refusal?> RegisterAsync(Caller caller, PasskeyAnswer answer, string name, HttpContext context)
    {
        var passkeys = await ListAsync(caller.Id, context.RequestAborted);
        if (passkeys.Count >= Most || states.TakeOnce(answer.State) is not { } question)
        {
            return Failed;
        }

        var result = await handler.PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = context, CredentialJson = answer.Credential, AttestationState = question });
        if (!result.Succeeded || result.UserEntity.Id != caller.Id.ToString()
            || await users.FindByPasskeyIdAsync(result.Passkey.CredentialId) is not null
            || await users.FindByIdAsync(caller.Id.ToString()) is not { } administrator)
        {
            return Failed;
        }

        result.Passkey.Name = NameOf(name, passkeys.Count + 1);
        if (!(await users.AddOrUpdatePasskeyAsync(administrator, result.Passkey)).Succeeded)
        {
            return Failed;
        }

        LogAdded(caller.Name);
        return null;
    }

    public async Task<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var passkeys = await ListAsync(caller.Id, cancellationToken);
        if (passkeys.FirstOrDefault(passkey => Convert.ToHexStringLower(passkey.CredentialId) == id) is not { } passkey
            || await users.FindByIdAsync(caller.Id.ToString()) is not { } administrator)
        {
            return Refusal.NotFound("passkey_not_found", "You have no passkey with this id.");
        }

        await users.RemovePasskeyAsync(administrator, passkey.CredentialId);
        if (passkeys.Count == 1)
        {
            // Requiring a passkey of an administrator who has none would lock them out.
            await store.ChangeAsync(
                caller.Id, null,
                row =>
                {
                    row.AllowPasswordLogin |= row.AllowPasswordAndPasskeyLogin;
                    row.AllowPasswordAndPasskeyLogin = false;
                },
                cancellationToken);
        }

        LogRemoved(caller.Name);
        return null;
    }

    /// <summary>Asks for any passkey this server knows; the response names its owner.</summary>
    public async Task<PasskeyQuestion> AskToSignInAsync(HttpContext context)
    {
        var made = await handler.MakeRequestOptionsAsync(null, context);
        return new PasskeyQuestion(made.RequestOptionsJson, states.Protect(made.AssertionState ?? ""));
    }

    public async Task<SignIn> SignInAsync(PasskeyAnswer answer, HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress;
        if (states.TakeOnce(answer.State) is { } question)
        {
            var result = await handler.PerformAssertionAsync(
                new PasskeyAssertionContext { HttpContext = context, CredentialJson = answer.Credential, AssertionState = question });
            // The lock of the name does not apply: it stops guesses, and a passkey cannot be guessed.
            if (result.Succeeded && AddressRule.Allows(result.User.IPWhitelist, client))
            {
                // Stores the signature counter, which reveals a copied key.
                await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
                await locks.SucceedAsync(
                    result.User.Id, result.User.FailedSignIns, result.User.LastSignInAt, context.RequestAborted);
                return new SignIn(SignInResult.SignedIn, result.User);
            }
        }

        await locks.CountFailureAsync(null, client, context.RequestAborted);
        return SignIn.Refused;
    }

    private static string NameOf(string typed, int number)
    {
        var name = new string([.. typed.Trim().Where(letter => !char.IsControl(letter)).Take(LongestName)]);
        return name.Length > 0 ? name : $"Passkey {number}";
    }

    [LoggerMessage(LogEvents.PasskeyAdded, LogLevel.Information, "Administrator {Name} added a passkey")]
    private partial void LogAdded(string name);

    [LoggerMessage(LogEvents.PasskeyRemoved, LogLevel.Information, "Administrator {Name} removed a passkey")]
    private partial void LogRemoved(string name);
}

/// <summary>The state between challenge and response, kept by the browser: encrypted, valid once, for five minutes.</summary>
internal sealed class PasskeyStates(IDataProtectionProvider protection, TimeProvider time)
{
    private const int MostUsed = 10_000;
    private const int Longest = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private readonly IDataProtector _protector = protection.CreateProtector("Halley.Administrators.PasskeyState");
    private readonly BoundedCache<string, bool> _used = new(MostUsed, time);

    public string Protect(string? state) => _protector.Protect($"{(time.GetUtcNow() + Lifetime).UtcTicks} {state}");

    public string? TakeOnce(string text)
    {
        if (text.Length is 0 or > Longest || !_used.TryAdd(text, true, Lifetime))
        {
            return null;
        }

        try
        {
            var parts = _protector.Unprotect(text).Split(' ', 2);
            return long.TryParse(parts[0], out var ends) && ends > time.GetUtcNow().UtcTicks ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
