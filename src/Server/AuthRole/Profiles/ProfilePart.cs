using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>A feature that takes part in every save of a profile, in the same transaction.</summary>
internal abstract class ProfilePart
{
    /// <summary>
    /// Runs between the edit of a profile and its save: may complete the document and add rows of its own. Returns why the profile cannot
    /// be saved, or null.
    /// </summary>
    public abstract Task<string?> SaveAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken);
}

/// <summary>A save of a profile.</summary>
/// <param name="Account">
/// The row, whose <see cref="SignIn.Account.Profile"/> still holds the document before the edit; empty for a new account.
/// </param>
/// <param name="Profile">The document after the edit.</param>
/// <param name="Deletions">Protected items of the policy that this save may really delete, by their ids there.</param>
internal sealed record ProfileSave(
    Account Account, UserProfileConfig Profile, IReadOnlyCollection<string> Deletions, string Actor, DateTimeOffset Now, bool IsNew);
