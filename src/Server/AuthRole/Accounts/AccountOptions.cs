namespace Halley.Server.AuthRole.Accounts;

/// <summary>What is allowed to backup users on the whole server (<c>Halley:Accounts</c>).</summary>
internal sealed class AccountOptions
{
    /// <summary>False refuses passwords: users then sign in with the L-key only, which clients derive themselves.</summary>
    public bool AllowPasswordSignIn { get; set; } = true;
}
