using Halley.Server.Hosting;

namespace Halley.Server.Access;

internal static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<StatusExplanation>(CallerProblems.Explain);
}
