using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Instances;

/// <summary>The rows by which instances on one PostgreSQL agree on who does what. Only the database's clock counts.</summary>
internal sealed class Leases(IDbContextFactory<ServerDbContext> databases, InstanceId self)
{
    /// <summary>How long a lease is valid; its holder renews it much earlier.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    private static readonly string Machine =
        Environment.MachineName.Length > Lease.LongestMachine ? Environment.MachineName[..Lease.LongestMachine] : Environment.MachineName;

    /// <summary>
    /// Takes a lease that is free or has expired, or renews one that is held here. Returns false if another instance holds it.
    /// </summary>
    public async Task<bool> TryHoldAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "Leases" ("Name", "Holder", "Machine", "Until")
            VALUES ({name}, {self.Value}, {Machine}, clock_timestamp() + make_interval(secs => {Length.TotalSeconds}))
            ON CONFLICT ("Name") DO UPDATE SET "Holder" = excluded."Holder", "Machine" = excluded."Machine", "Until" = excluded."Until"
            WHERE "Leases"."Holder" = excluded."Holder" OR "Leases"."Until" < clock_timestamp()
            """,
            cancellationToken) > 0;
    }

    /// <summary>Releases the lease, so that others can take it at once.</summary>
    public async Task ReleaseAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Lease>().Where(lease => lease.Name == name && lease.Holder == self.Value).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The machine of the instance that holds the lease; null if none does.</summary>
    public async Task<string?> HolderOfAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Lease>().Where(lease => lease.Name == name).Select(lease => lease.Machine)
            .SingleOrDefaultAsync(cancellationToken);
    }
}
