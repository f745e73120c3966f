using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The logs of jobs, in parts as devices send them. The caller must already have found the job within its scope.</summary>
internal sealed class JobLogStore(IDbContextFactory<ServerDbContext> databases)
{
    public const int MaximumEntriesAtOnce = 10_000;
    public const long MaximumEntries = 2_000_000;
    private const int LongestMessage = 16 * 1024;

    // From the least to the most serious.
    private const string Severities = "DIWE";

    /// <summary>Severity as a number to compare; below 0 for any other text.</summary>
    public static int Rank(string severity) => severity.Length == 1 ? Severities.IndexOf(severity[0], StringComparison.Ordinal) : -1;

    /// <summary>
    /// Appends entries, the first of which has this number in the whole log. Entries that are stored already are skipped, so a device that
    /// does not know whether its last part arrived sends it again.
    /// </summary>
    public async Task<Refusal?> AppendAsync(
        JobOwner owner, string jobId, long first, IReadOnlyList<JobEntry> entries, CancellationToken cancellationToken)
    {
        if (ProblemWith(first, entries) is { } problem)
        {
            return JobRefusals.Invalid(problem);
        }

        var id = JobReportRules.IdOf(jobId);
        while (true)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var job = await database.Set<BackupJob>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.Id == id && row.AccountId == owner.AccountId, cancellationToken);
            if (job is null)
            {
                return JobRefusals.NotFound;
            }

            var stored = job.LogEntries;
            if (first > stored)
            {
                return JobRefusals.Conflict($"The server has {stored} entries of this log; send those from number {stored} on.");
            }

            var fresh = entries.Skip((int)Math.Min(stored - first, entries.Count)).ToList();
            if (fresh.Count == 0 || await TryAppendAsync(database, job.Id, stored, fresh, cancellationToken))
            {
                return null;
            }
        }
    }

    /// <summary>The entries that are at least this serious (a rank of 0 is all) and contain the text, in any case.</summary>
    public async IAsyncEnumerable<JobEntry> ReadAsync(
        string jobId, int leastRank, string contains, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var content in database.Set<JobLogChunk>().Where(chunk => chunk.JobId == jobId).OrderBy(chunk => chunk.FirstEntry)
            .Select(chunk => chunk.Content).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            await foreach (var entry in UnpackAsync(content, cancellationToken))
            {
                if (Rank(entry.Severity) >= leastRank && entry.Message.Contains(contains, StringComparison.OrdinalIgnoreCase))
                {
                    yield return entry;
                }
            }
        }
    }

    /// <summary>One page of the entries that are at least this serious. Parts of the log before the page are not read.</summary>
    /// <param name="from">Number of the first entry of the page in the whole log.</param>
    /// <returns>The entries, and the number from which the next page begins; null after the last entry.</returns>
    public async Task<(IReadOnlyList<JobEntry> Entries, long? Next)> PageAsync(
        string jobId, int leastRank, long from, int count, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var chunks = database.Set<JobLogChunk>().Where(chunk => chunk.JobId == jobId);
        var first = await chunks.Where(chunk => chunk.FirstEntry <= from)
            .MaxAsync(chunk => (long?)chunk.FirstEntry, cancellationToken) ?? 0;
        var found = new List<JobEntry>();
        await foreach (var chunk in chunks.AsNoTracking().Where(chunk => chunk.FirstEntry >= first).OrderBy(chunk => chunk.FirstEntry)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var number = chunk.FirstEntry - 1;
            await foreach (var entry in UnpackAsync(chunk.Content, cancellationToken))
            {
                number++;
                if (number < from || Rank(entry.Severity) < leastRank)
                {
                    continue;
                }

                if (found.Count == count)
                {
                    return (found, number);
                }

                found.Add(entry);
            }
        }

        return (found, Next: null);
    }

    /// <summary>An entry by the server itself. It follows all entries of the device and takes none of their numbers.</summary>
    public static JobLogChunk Note(BackupJob job, JobEntry entry) =>
        new() { JobId = job.Id, FirstEntry = MaximumEntries + job.Revision, Content = Pack([entry]) };

    /// <summary>An entry as a line of text, without a line break in it.</summary>
    public static string Line(JobEntry entry)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(entry.Time, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        return $"{at:yyyy-MM-dd HH:mm:ss} [{entry.Severity}] {entry.Message.ReplaceLineEndings(" ")}";
    }

    private static async Task<bool> TryAppendAsync(
        ServerDbContext database, string jobId, long first, List<JobEntry> entries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var end = first + entries.Count;
        if (await database.Set<BackupJob>().Where(row => row.Id == jobId && row.LogEntries == first)
            .ExecuteUpdateAsync(change => change.SetProperty(row => row.LogEntries, end), cancellationToken) == 0)
        {
            return false;
        }

        database.Add(new JobLogChunk { JobId = jobId, FirstEntry = first, Content = Pack(entries) });
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async IAsyncEnumerable<JobEntry> UnpackAsync(
        byte[] content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(new BrotliStream(new MemoryStream(content), CompressionMode.Decompress));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonSerializer.Deserialize<JobEntry>(line, CometJson.Options)!;
        }
    }

    private static byte[] Pack(List<JobEntry> entries)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            foreach (var entry in entries)
            {
                if (entry.Message.Length > LongestMessage)
                {
                    entry.Message = entry.Message[..LongestMessage];
                }

                JsonSerializer.Serialize(brotli, entry, CometJson.Options);
                brotli.Write("\n"u8);
            }
        }

        return packed.ToArray();
    }

    private static string? ProblemWith(long first, IReadOnlyList<JobEntry> entries) => entries switch
    {
        _ when first < 0 => "First must not be below 0.",
        { Count: > MaximumEntriesAtOnce } => $"Send at most {MaximumEntriesAtOnce} entries at once.",
        _ when first + entries.Count > MaximumEntries => $"A log has at most {MaximumEntries} entries.",
        _ when entries.Any(entry => entry is null || Rank(entry.Severity) < 0) => "Severity must be D, I, W or E.",
        _ => null,
    };
}

/// <summary>A part of a job's log, as it was received.</summary>
internal sealed class JobLogChunk
{
    public required string JobId { get; set; }

    /// <summary>Number of its first entry in the whole log, from 0: a part that is sent twice is stored once.</summary>
    public long FirstEntry { get; set; }

    /// <summary>Entries as JSON, one per line, compressed with Brotli.</summary>
    public required byte[] Content { get; set; }
}

internal sealed class JobLogChunkMapping : IEntityTypeConfiguration<JobLogChunk>
{
    public void Configure(EntityTypeBuilder<JobLogChunk> builder)
    {
        builder.ToTable("BackupJobLogs");
        builder.HasKey(chunk => new { chunk.JobId, chunk.FirstEntry });
        builder.Property(chunk => chunk.JobId).HasMaxLength(64);
        builder.HasOne<BackupJob>().WithMany().HasForeignKey(chunk => chunk.JobId).OnDelete(DeleteBehavior.Cascade);
    }
}
