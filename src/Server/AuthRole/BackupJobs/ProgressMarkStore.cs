using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The progress of work that processes events or times in their order.</summary>
internal sealed class ProgressMarkStore(IDbContextFactory<ServerDbContext> databases)
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
        // Both databases support this form.
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "ProgressMarks" ("Name", "Position") VALUES ({name}, {position})
            ON CONFLICT ("Name") DO UPDATE SET "Position" = excluded."Position"
            """, cancellationToken);
    }
}

/// <summary>The position of one kind of work, so that a restart neither repeats nor skips any event or time.</summary>
internal sealed class ProgressMark
{
    public required string Name { get; set; }

    /// <summary>A sequence number or Unix seconds, depending on the work.</summary>
    public long Position { get; set; }
}

internal sealed class ProgressMarkMapping : IEntityTypeConfiguration<ProgressMark>
{
    public void Configure(EntityTypeBuilder<ProgressMark> builder)
    {
        builder.ToTable("ProgressMarks");
        builder.HasKey(mark => mark.Name);
        builder.Property(mark => mark.Name).HasMaxLength(64);
    }
}
