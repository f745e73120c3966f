using Halley.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Data;

/// <summary>
/// Whether the database has room for more than sign-ins and restores. The server sees the disk of SQLite; a database elsewhere only by its
/// size.
/// </summary>
internal sealed class DatabaseRoom(GrowthOptions options, DataDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private (long At, bool IsScarce)? _last;

    public async ValueTask<bool> IsScarceAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Kept)
        {
            return last.IsScarce;
        }

        var isScarce = (database.Database.IsSqlite() && IsScarce(new DriveInfo(directory.Root)))
            || (options.LargestDatabaseBytes > 0 && await SizeAsync(database, cancellationToken) > options.LargestDatabaseBytes);
        _last = (time.GetTimestamp(), isScarce);
        return isScarce;
    }

    // A small disk would never have the whole reserve.
    private bool IsScarce(DriveInfo disk) => disk.AvailableFreeSpace < Math.Min(options.ReserveBytes, disk.TotalSize / 10);

    private async Task<long> SizeAsync(ServerDbContext database, CancellationToken cancellationToken) => database.Database.IsSqlite()
        ? new FileInfo(directory.Database).Length
        : await database.Database.SqlQuery<long>($"""SELECT pg_database_size(current_database()) AS "Value" """)
            .SingleAsync(cancellationToken);
}
