using System.Diagnostics.Metrics;

namespace Halley.Server.Credentials;

/// <summary>Counts what costs processor time, so that a flood shows and tests can prove that a computation is shared.</summary>
internal sealed class CredentialMetrics(IMeterFactory meters)
{
    public const string MeterName = "Halley.Server";
    public const string Verifications = "halley.credentials.verifications";

    private readonly Counter<long> _verifications = meters.Create(MeterName)
        .CreateCounter<long>(Verifications, unit: "{verification}", description: "Computations of bcrypt to check a credential");

    public void Verified() => _verifications.Add(1);
}
