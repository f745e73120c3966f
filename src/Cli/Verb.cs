using System.CommandLine;
using Halley.Cli.Vaults;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;

namespace Halley.Cli;

/// <summary>A command with examples, which its help and the manual show.</summary>
internal sealed class Verb(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples => examples;

    /// <summary>What it does; returns the exit code.</summary>
    public void OnRun(Func<VerbContext, CancellationToken, Task<int>> run) => SetAction(
        (parsed, cancellationToken) => VerbContext.RunAsync(parsed, run, cancellationToken));

    /// <summary>What it does with an open vault; returns the exit code.</summary>
    public void OnVault(VaultUse use, Func<VerbContext, Vault, CancellationToken, Task<int>> run) => OnRun(
        (context, cancellationToken) => VaultAccess.RunAsync(context, use, run, cancellationToken));

    /// <summary>What it does with an open vault that no other program may use meanwhile; returns the exit code.</summary>
    public void OnVaultAlone(Func<VerbContext, Vault, VaultLock, CancellationToken, Task<int>> run, bool hasCache = true) => OnRun(
        (context, cancellationToken) => VaultAccess.RunLockedAsync(context, isExclusive: true, hasCache, run, cancellationToken));
}
