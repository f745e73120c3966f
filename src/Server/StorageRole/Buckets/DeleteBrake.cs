namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Notices when far more than usual is deleted from a bucket, as with a stolen key: within 24 hours more than 1000 files, more than a
/// quarter of the bucket, and more than ten times the average day of the last 30.
/// </summary>
internal sealed class DeleteBrake(TimeProvider time)
{
    private const int Hours = 24;
    private const int FewFiles = 1000;
    private const int PartOfBucket = 4;
    private const int TimesUsual = 10;
    private readonly Lock _lock = new();
    private readonly long[] _hours = new long[Hours];
    private readonly Dictionary<DateOnly, long> _days = [];
    private double _usual;
    private long _hour;

    /// <summary>Files that were deleted on an average day of the last 30.</summary>
    public double Usual
    {
        set
        {
            lock (_lock)
            {
                _usual = value;
            }
        }
    }

    /// <summary>Counts a file that is about to be deleted; false if it is one too many.</summary>
    /// <param name="filesLeft">Number of files in the bucket.</param>
    public bool TryCount(long filesLeft)
    {
        var now = time.GetUtcNow();
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        lock (_lock)
        {
            Forget(hour);
            var deleted = _hours.Sum();
            if (deleted >= Math.Max(Math.Max(FewFiles, (filesLeft + deleted) / PartOfBucket), TimesUsual * _usual))
            {
                return false;
            }

            Count(hour, now, 1);
            return true;
        }
    }

    /// <summary>Counts a file that is deleted while the brake is off, so that the usual number is known when it is on.</summary>
    public void Count()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            Count(now.UtcTicks / TimeSpan.TicksPerHour, now, 1);
        }
    }

    /// <summary>Counts the files that were deleted today before the server was started.</summary>
    public void Remember(long files)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            Count(now.UtcTicks / TimeSpan.TicksPerHour, now, files);
        }
    }

    /// <summary>Forgets the deletes so far, because an administrator has allowed them.</summary>
    public void Release()
    {
        lock (_lock)
        {
            Array.Clear(_hours);
        }
    }

    /// <summary>Files deleted on the days since the last but one call, for the history.</summary>
    public IReadOnlyDictionary<DateOnly, long> Days
    {
        get
        {
            var yesterday = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-1);
            lock (_lock)
            {
                foreach (var old in _days.Keys.Where(day => day < yesterday).ToList())
                {
                    _days.Remove(old);
                }

                return new Dictionary<DateOnly, long>(_days);
            }
        }
    }

    private void Count(long hour, DateTimeOffset now, long files)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        _days[day] = _days.GetValueOrDefault(day) + files;
        Forget(hour);
        _hours[_hour % Hours] += files;
    }

    // A clock that was set back stays in the hour it was in.
    private void Forget(long hour)
    {
        for (var next = Math.Max(_hour, hour - Hours) + 1; next <= hour; next++)
        {
            _hours[next % Hours] = 0;
        }

        _hour = Math.Max(_hour, hour);
    }
}
