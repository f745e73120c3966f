namespace Halley.Server.StorageRole.Scrubs;

/// <summary>Looks what is in quarantine and what was uploaded again.</summary>
internal sealed class FindingsJob(ScrubFindings findings)
{
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        await findings.CollectAsync(cancellation);
        await findings.HealAsync(cancellation);
    }
}
