using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>Reads and sets <see cref="ProgressMark"/>s.</summary>
internal sealed class ProgressMarks(IDbContextFactory<ServerDbContext> databases)
{
    public async Task<long?> GetAsync(string name, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ProgressMark>().Where(mark => mark.Name == name).Select(mark => (long?)mark.Position)
            .SingleOrDefaultAsync(cancellationToken);
    }

    public async Task SetAsync(string name, long position, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // Both databases know this form.
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "ProgressMarks" ("Name", "Position") VALUES ({name}, {position})
            ON CONFLICT ("Name") DO UPDATE SET "Position" = excluded."Position"
            """, cancellationToken);
    }
}
