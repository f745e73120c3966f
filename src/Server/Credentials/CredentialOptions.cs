using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Credentials;

/// <summary>How stored credentials are hashed and checked (<c>Halley:Credentials</c>).</summary>
internal sealed class CredentialOptions : IValidatableObject
{
    /// <summary>Work factor of bcrypt for new hashes; each step doubles the time.</summary>
    [Range(CredentialHasher.LeastWorkFactor, CredentialHasher.MostWorkFactor, ErrorMessage = "must be a whole number from 4 to 16")]
    public int WorkFactor { get; set; } = CredentialHasher.UsualWorkFactor;

    /// <summary>How long a verified credential is not computed again. Revoking it takes effect at once all the same.</summary>
    public TimeSpan VerifiedLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most concurrent bcrypt computations; by default one for each processor core. They yield to all other work.</summary>
    [Range(1, 1024, ErrorMessage = "must be a whole number from 1 to 1024")]
    public int MaxParallelVerifications { get; set; } = Environment.ProcessorCount;

    /// <summary>Delay of the refusal of a wrong credential, whatever the reason and however little was computed.</summary>
    public TimeSpan FailureDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (VerifiedLifetime < TimeSpan.FromSeconds(1) || VerifiedLifetime > TimeSpan.FromDays(1))
        {
            yield return new ValidationResult("must be a time span from 00:00:01 to 1.00:00:00", [nameof(VerifiedLifetime)]);
        }

        if (FailureDelay < TimeSpan.Zero || FailureDelay > TimeSpan.FromSeconds(30))
        {
            yield return new ValidationResult("must be a time span from 00:00:00 to 00:00:30", [nameof(FailureDelay)]);
        }
    }
}
