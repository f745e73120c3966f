using System.ComponentModel.DataAnnotations;
using Halley.Server.Hosting;

namespace Halley.Server.Administrators;

/// <summary>For unattended installations: the administrator to create if there is none (<c>Halley:FirstAdmin</c>).</summary>
internal sealed class FirstAdminOptions : IValidatableObject
{
    public string? Username { get; set; }

    public string? Password { get; set; }

    /// <summary>File that holds the password, instead of <see cref="Password"/>. A line break at its end is ignored.</summary>
    public string? PasswordFile { get; set; }

    public string ReadPassword() => PasswordFile is { } file ? SettingFile.ReadSecret(file) : Password ?? "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Username is null && (Password ?? PasswordFile) is not null)
        {
            yield return new ValidationResult("must be given together with a password", [nameof(Username)]);
        }

        if (Username is not null && !Administrator.IsAcceptableName(Username))
        {
            yield return new ValidationResult("must be 1 to 255 characters without spaces at its ends", [nameof(Username)]);
        }

        if (Username is not null && Password is null == PasswordFile is null)
        {
            yield return new ValidationResult("must be given, or Halley:FirstAdmin:PasswordFile, but not both", [nameof(Password)]);
        }

        if (SettingFile.ProblemOf(PasswordFile) is { } problem)
        {
            yield return new ValidationResult(problem, [nameof(PasswordFile)]);
        }
    }
}
