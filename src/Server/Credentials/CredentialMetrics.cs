using System.Diagnostics.Metrics;

namespace Halley.Server.Credentials;

/// <summary>Counts expensive computations, so that a flood is visible and tests can prove that concurrent requests share one.</summary>
internal sealed class CredentialMetrics(IMeterFactory meters)
{
    public const string MeterName = "Halley.Server";
    public const string Verifications = "halley.credentials.verifications";

    private readonly Counter<long> _verifications = meters.Create(MeterName)
        .CreateCounter<long>(Verifications, unit: "{verification}", description: "Computations of bcrypt to check a credential");

    public void Verified() => _verifications.Add(1);
}
