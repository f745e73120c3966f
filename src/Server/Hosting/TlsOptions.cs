using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Hosting;

/// <summary>The certificate for <c>https://</c> addresses (<c>Halley:Tls</c>).</summary>
internal sealed class TlsOptions : IValidatableObject
{
    /// <summary>PEM file (certificate, then intermediates) or PFX file.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file of the private key; not set for PFX, or if the certificate's file contains the key.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Password of the PFX file or of an encrypted key.</summary>
    public string? Password { get; set; }

    /// <summary>File that holds the password, instead of <see cref="Password"/>.</summary>
    public string? PasswordFile { get; set; }

    public bool IsPfx => Path.GetExtension(CertificatePath)?.ToLowerInvariant() is ".pfx" or ".p12";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CertificatePath is null && (KeyPath ?? Password ?? PasswordFile) is not null)
        {
            yield return new ValidationResult("must be given when another Halley:Tls setting is", [nameof(CertificatePath)]);
        }

        foreach (var (key, path) in new[] { (nameof(CertificatePath), CertificatePath), (nameof(KeyPath), KeyPath),
            (nameof(PasswordFile), PasswordFile) })
        {
            if (SettingFile.ProblemOf(path) is { } problem)
            {
                yield return new ValidationResult(problem, [key]);
            }
        }

        if (Password is not null && PasswordFile is not null)
        {
            yield return new ValidationResult("cannot be given together with Halley:Tls:PasswordFile", [nameof(Password)]);
        }

        if (IsPfx && KeyPath is not null)
        {
            yield return new ValidationResult("is only for PEM certificates; a PFX file holds its key", [nameof(KeyPath)]);
        }
    }
}
