namespace Halley.Server.StorageRole.Scrubs;

/// <summary>Looks what is in quarantine and what was uploaded again.</summary>
internal sealed class FindingsWork(ScrubFindings findings)
{
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await findings.CollectAsync(cancellationToken);
        await findings.HealAsync(cancellationToken);
    }
}
