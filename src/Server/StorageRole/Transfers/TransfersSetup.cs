namespace Halley.Server.StorageRole.Transfers;

internal static class TransfersSetup
{
    public static void AddTransfers(this IServiceCollection services)
    {
        services.AddSingleton<TransferCredentials>();
        services.AddSingleton<TransferWork>();
        services.AddSingleton<TransferActions>();
    }
}
