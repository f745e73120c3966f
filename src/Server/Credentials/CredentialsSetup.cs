using Halley.Server.Hosting;

namespace Halley.Server.Credentials;

internal static class CredentialsSetup
{
    public static void AddCredentials(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<CredentialOptions>("Credentials");
        builder.AddOptionsOf<CallerSessionOptions>("Sessions");
        builder.Services.AddSingleton<CredentialHasher>();
        builder.Services.AddSingleton<VerificationSlots>();
        builder.Services.AddSingleton<CredentialMetrics>();
        builder.Services.AddSingleton<CredentialVerifier>();
        builder.Services.AddSingleton<FailureCounter>();
    }
}
