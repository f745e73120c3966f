using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

// whether it is there
public sealed partial class Volume
{
    private readonly Lock _lookGate = new();
    private Task? _look;
    private volatile bool _isSilent;

    /// <summary>
    /// Looks at the marker now. The answer is remembered in <see cref="Problem"/>. A volume that <see cref="ProbeAsync"/> found silent is not asked:
    /// whoever asks a disk that does not answer waits as long as it likes.
    /// </summary>
    public bool Probe()
    {
        if (_isSilent)
        {
            return false;
        }

        Look();
        return _problem is null;
    }

    /// <summary>
    /// Looks at the marker, and waits only so long: a network disk whose server has gone never answers, and would hold every request that
    /// touches it. While it is silent it counts as offline; the look that waits for it is the only one.
    /// </summary>
    public async Task<bool> ProbeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task look;
        lock (_lookGate)
        {
            look = _look = _look is { IsCompleted: false } waiting ? waiting : Task.Run(Look, CancellationToken.None);
        }

        try
        {
            await look.WaitAsync(patience, _time, cancellationToken);
            _isSilent = false;
        }
        catch (TimeoutException)
        {
            _isSilent = true;
            _problem = $"It has not answered for {patience.TotalSeconds:0} seconds. Is it a network disk whose server is gone?";
        }

        return _problem is null;
    }

    private void Look()
    {
        var problem = FindProblem();
        if (problem is null && !_hasFolders)
        {
            CreateFolders();
        }

        _problem = problem;
    }

    // A volume that cannot have its folders can still be read; what is written to it fails and goes elsewhere.
    private void CreateFolders()
    {
        try
        {
            VolumeLayout.CreateFolders(_disk, _flush, Path);
            _hasFolders = true;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            ReportFailedWrite();
        }
    }

    private string? FindProblem()
    {
        try
        {
            if (VolumeMarker.Read(_disk, Path) is not { } marker)
            {
                return $"There is no {VolumeLayout.Marker} in it. Is the disk mounted?";
            }

            if (marker.AsSpan().SequenceEqual(_marker))
            {
                return null;
            }

            if (VolumeMarker.Parse(marker) is var found && found != Id)
            {
                return $"Its {VolumeLayout.Marker} belongs to another volume ({found}).";
            }

            _marker = marker;
            return null;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            return $"Its {VolumeLayout.Marker} cannot be read: {error.Message}";
        }
    }
}
