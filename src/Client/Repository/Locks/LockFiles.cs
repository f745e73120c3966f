using System.Diagnostics;
using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.Locks;

/// <summary>A lock in a listing.</summary>
/// <param name="Id">The name of its file.</param>
/// <param name="Lock">Its content; null when it cannot be read, which counts as an exclusive lock of an unknown owner.</param>
public sealed record LockEntry(BlobId Id, LockFile? Lock);

/// <summary>The files of <c>locks/</c>.</summary>
internal static class LockFiles
{
    /// <summary>
    /// A lock that was not refreshed for this long is stale: its process hangs, sleeps or is gone, and stops when it wakes up.
    /// </summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(30);

    /// <summary>All locks. Empty files and those that vanish meanwhile are none.</summary>
    public static async ValueTask<IReadOnlyList<LockEntry>> ListAsync(VaultFiles files, CancellationToken cancellationToken)
    {
        var locks = new List<LockEntry>();
        foreach (var entry in await files.ListAsync(BlobType.Locks, cancellationToken))
        {
            if (entry.Length == 0)
            {
                continue; // a program that had no room left it; restic ignores it as well
            }

            var name = BlobName.Of(BlobType.Locks, entry.Id);
            try
            {
                if (await files.TryReadAsync(name, text => LockFile.Parse(name, text.Span), cancellationToken) is { } file)
                {
                    locks.Add(new(BlobId.Parse(entry.Id), file));
                }
            }
            catch (VaultException)
            {
                locks.Add(new(BlobId.Parse(entry.Id), null));
            }
        }

        return locks;
    }

    /// <summary>Removes the stale locks, or all, and returns those that were removed.</summary>
    public static async ValueTask<IReadOnlyList<LockEntry>> RemoveAsync(
        VaultFiles files, VaultOptions options, bool all, CancellationToken cancellationToken)
    {
        var removed = new List<LockEntry>();
        foreach (var entry in await ListAsync(files, cancellationToken))
        {
            if ((all || (entry.Lock is { } file && WhyStale(file, options) is not null))
                && await files.DeleteAsync(BlobName.Of(BlobType.Locks, entry.Id.ToString()), cancellationToken))
            {
                removed.Add(entry);
            }
        }

        return removed;
    }

    /// <summary>Why a lock no longer has an owner; null when it may have one.</summary>
    public static string? WhyStale(LockFile file, VaultOptions options)
    {
        var age = options.Time.GetUtcNow() - file.Time.ToDateTimeOffset();
        return age > StaleAfter ? $"it was not refreshed for {(int)age.TotalMinutes} minutes"
            : file.HostName == options.HostName && file.ProcessId > 0 && !IsRunning(file.ProcessId) ? "its process has ended"
            : null;
    }

    private static bool IsRunning(int processId)
    {
        if (processId == Environment.ProcessId)
        {
            return true;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
