using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// The file in the root of a volume that names the server that uses it. The server renews it; another one keeps away until it has expired.
/// It is a file rather than a lock, because a volume may be on a network disk of two machines.
/// </summary>
internal sealed class VolumeLease(DiskCalls disk, VolumeOwner owner, TimeProvider time, string volume)
{
    /// <summary>How long a lease is valid that is not renewed. The clocks of servers may differ by a part of it.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);
    private readonly string _path = Path.Combine(volume, VolumeLayout.Owner);
    private bool _held;
    private long _renewedAt;
    private volatile string? _problem;

    /// <summary>Why the volume must not be used, in one sentence; null while this server holds the lease.</summary>
    public string? Problem => _problem;

    /// <summary>Why another server has the volume, in one sentence; null if none has.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public string? FindOther()
    {
        try
        {
            return Read() is { } found && IsOthers(found)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The server on {found.Host} uses it, until {found.Until:yyyy-MM-dd HH:mm:ss} UTC or longer. Stop that server, or "
                    + $"remove the volume there; after that time it can be used here.")
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"Its {VolumeLayout.Owner} cannot be read, so another server may use it. Give the server's user the right to read it.";
        }
    }

    /// <summary>Takes or renews the lease if that is due, and notices that another server has it.</summary>
    public void Renew()
    {
        if (_problem is null && _held && time.GetElapsedTime(_renewedAt) < Renewal)
        {
            return;
        }

        try
        {
            if (FindOther() is { } other)
            {
                _problem = other;
                return;
            }

            Write(time.GetUtcNow() + Length);
            (_held, _renewedAt, _problem) = (true, time.GetTimestamp(), null);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            // It can be read, and the presence of the volume says why it cannot be written.
            _problem = null;
        }
    }

    /// <summary>Takes the lease from any other server. That server notices it when it renews, and keeps away from then on.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void TakeOver() => Write(time.GetUtcNow() + Length);

    /// <summary>Ends the lease, so that another server may take the volume at once.</summary>
    public void Release()
    {
        try
        {
            if (_held && Read() is { } found && found.Process == owner.Process)
            {
                Write(time.GetUtcNow());
            }
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            // It expires by itself.
        }
    }

    // A process of this installation that was killed has left its lease to the next one; but not to one that had it before.
    private bool IsOthers(Content found) =>
        found.Until > time.GetUtcNow() && found.Process != owner.Process && (found.Server != owner.Server || _held);

    private Content? Read()
    {
        try
        {
            return disk.ReadSmall(_path) is { } bytes ? JsonSerializer.Deserialize(bytes, VolumeLeaseJson.Default.Content) : null;
        }
        catch (JsonException)
        {
            return null; // cut off by a power failure
        }
    }

    // Not flushed: after a power failure, an earlier lease or none is right as well. Replaced in one step, so no reader finds it absent.
    private void Write(DateTimeOffset until)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new Content(owner.Server, owner.Process, owner.Host, until), VolumeLeaseJson.Default.Content);
        var staging = Path.Combine(volume, StagingDirectory.Name, $"owner-{Guid.NewGuid():N}");
        try
        {
            using (var file = disk.CreateNew(staging))
            {
                disk.Write(file, content, 0);
            }

            disk.MoveOver(staging, _path);
        }
        catch
        {
            disk.Delete(staging);
            throw;
        }
    }

    internal sealed record Content(Guid Server, Guid Process, string Host, DateTimeOffset Until);
}

/// <summary>The lease, for builds that are compiled ahead of time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(VolumeLease.Content))]
internal sealed partial class VolumeLeaseJson : JsonSerializerContext;
