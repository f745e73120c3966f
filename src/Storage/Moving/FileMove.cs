using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Moving;

/// <summary>One file on its way from a volume to another.</summary>
internal sealed class FileMove(VolumeFile file, Volume from, Volume to) : IDisposable
{
    private long _promised;
    private MoveResult? _result;

    public VolumeFile File => file;

    public VaultDirectory Source { get; } = from.Bucket(file.BucketId);

    public VaultDirectory Target { get; } = to.Bucket(file.BucketId);

    /// <summary>The source's copy; null before it is opened, and when it no longer exists.</summary>
    public DiskBlobReader? Reader { get; set; }

    /// <summary>The target's copy in the making.</summary>
    public DurableFile? Copy { get; private set; }

    /// <summary>True while a step remains.</summary>
    public bool IsUnderway => _result is null;

    /// <summary>The result of the move.</summary>
    public MoveResult Result => _result ?? throw new InvalidOperationException("The file is still on its way.");

    /// <summary>Creates the target's copy; false when the target has no room for it.</summary>
    public bool TryBegin()
    {
        var promised = VolumeSpace.OnDisk(Reader!.Length);
        if (!to.Space.TryPromise(promised))
        {
            return false;
        }

        _promised = promised;
        Copy = Target.Begin();
        return true;
    }

    public void End(MoveOutcome outcome) => _result = new(outcome, null);

    public void Fail(BlobStoreException problem) => _result = new(MoveOutcome.Failed, problem);

    public void Dispose()
    {
        Reader?.Dispose();
        Copy?.Dispose();
        if (_promised > 0)
        {
            to.Space.Settle(_promised, Copy is { IsPublished: true } ? _promised : 0);
        }
    }
}
