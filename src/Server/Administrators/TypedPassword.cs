using System.Text;

namespace Halley.Server.Administrators;

/// <summary>
/// A password as people type it. One system writes "ü" as one character, another as two, and the same fingers must open both; so passwords
/// count in their NFKC form, as those of accounts do.
/// </summary>
internal static class TypedPassword
{
    public static string Normalize(string typed)
    {
        try
        {
            return typed.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Half a character: no keyboard makes it, and as it stands it is as good as any other secret.
            return typed;
        }
    }
}
