using System.ComponentModel.DataAnnotations;

namespace Halley.Server.AdminWeb.Security;

/// <summary>
/// Sites that may sign administrators in (<c>Halley:SessionSignIn</c>): they open the sign-in page in a window and hand it the key of a
/// session, as the vendor's <c>session_login</c>.
/// </summary>
internal sealed class SessionSignInOptions : IValidatableObject
{
    public const string Section = "SessionSignIn";

    /// <summary>Their origins, such as <c>https://portal.example.org</c>. None by default.</summary>
    public string[] Origins { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Origins.Length; i++)
        {
            if (!IsOrigin(Origins[i]))
            {
                yield return new ValidationResult(
                    "must be an origin as browsers write it, without a path: https://portal.example.org", [$"{nameof(Origins)}:{i}"]);
            }
        }
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.GetLeftPart(UriPartial.Authority) == text;
}
