using Halley.Server.Credentials;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.Administrators;

/// <summary>Makes ASP.NET Core Identity use this server's hashes.</summary>
internal sealed class AdministratorPasswordHasher(CredentialHasher hasher) : IPasswordHasher<Administrator>
{
    public string HashPassword(Administrator user, string password)
    {
        user.PasswordFormat = CredentialHasher.CurrentFormat;
        return hasher.Hash(TypedPassword.Normalize(password));
    }

    public bool NeedsRenewal(Administrator user) => hasher.NeedsRehash(user.PasswordFormat, user.PasswordHash!);

    public PasswordVerificationResult VerifyHashedPassword(Administrator user, string hashedPassword, string providedPassword)
    {
        if (!CredentialHasher.Verify(TypedPassword.Normalize(providedPassword), user.PasswordFormat, hashedPassword))
        {
            return PasswordVerificationResult.Failed;
        }

        return hasher.NeedsRehash(user.PasswordFormat, hashedPassword)
            ? PasswordVerificationResult.SuccessRehashNeeded
            : PasswordVerificationResult.Success;
    }
}
