using Halley.Client.Repository;

namespace Halley.Client.Checking;

/// <summary>How far a check goes.</summary>
public sealed record CheckOptions
{
    /// <summary>Which packs are read and verified byte by byte; null for none.</summary>
    public PackSubset? ReadData { get; init; }

    /// <summary>
    /// Who reads these packs instead, without a download: the server that has them. Null to read them here. Packs that it could not judge
    /// are read here.
    /// </summary>
    public ServerCheck? Server { get; init; }

    /// <summary>Gets why the server did not read them, before they are read here; null to throw instead.</summary>
    public Action<string>? OnServerRefused { get; init; }

    /// <summary>How many packs are read at once.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Gets each finding. Called from one thread at a time.</summary>
    public required Action<VaultFinding> OnFinding { get; init; }

    /// <summary>Gets the number of packs that were read, and of those to read, after each. Called from one thread at a time.</summary>
    public Action<int, int>? OnPackRead { get; init; }
}

/// <summary>What a check looked at.</summary>
/// <param name="Snapshots">Snapshots.</param>
/// <param name="Trees">Different directories.</param>
/// <param name="Packs">Packs on the store.</param>
/// <param name="PacksRead">Packs that were read.</param>
/// <param name="Damages">Findings that are damage.</param>
/// <param name="UnusedBlobs">Entries of the index that no snapshot needs; `prune` gives their room back.</param>
/// <param name="PacksVerified">Packs that the server read instead.</param>
public sealed record CheckResult(
    int Snapshots, int Trees, int Packs, int PacksRead, int Damages, int UnusedBlobs, int PacksVerified = 0);
