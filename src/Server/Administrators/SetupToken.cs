using System.Security.Cryptography;
using System.Text;
using Halley.Server.Hosting;
using Halley.Storage.Disk;

namespace Halley.Server.Administrators;

/// <summary>
/// The secret that allows a person to create the first administrator. Anybody who can read the data directory or the console controls the
/// server anyway. The token is kept in a file, so that a restart before its use does not change the link.
/// </summary>
internal sealed class SetupToken(DataDirectory directory)
{
    private const int Digits = 64;

    /// <summary>The token until it is used, otherwise null.</summary>
    public string? Current { get; private set; }

    public void Offer()
    {
        var kept = File.Exists(directory.SetupToken) ? File.ReadAllText(directory.SetupToken).Trim() : "";
        if (kept.Length == Digits && kept.All(char.IsAsciiHexDigitLower))
        {
            Current = kept;
            return;
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digits / 2));
        PrivateFile.Write(directory.SetupToken, token + "\n");
        Current = token;
    }

    public void Withdraw()
    {
        Current = null;
        File.Delete(directory.SetupToken);
    }

    public bool Matches(string? token) =>
        Current is { } current && token is not null
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(current)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
