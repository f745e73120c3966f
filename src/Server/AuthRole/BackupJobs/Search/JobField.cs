using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using Halley.Protocol.Jobs;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>A searchable field of jobs: how it is read from a record, and its column if it has one.</summary>
internal sealed record JobField(Func<BackupJobDetail, string> Text, Func<BackupJobDetail, long>? Number, LambdaExpression? Column)
{
    private const string Prefix = nameof(BackupJobDetail) + ".";
    private const string SinceStarted = Prefix + "TimeSinceStarted";

    private static readonly Dictionary<string, LambdaExpression> Columns = new(StringComparer.Ordinal)
    {
        [nameof(BackupJobDetail.GUID)] = Of(job => job.Id),
        [nameof(BackupJobDetail.Username)] = Of(job => job.Username),
        [nameof(BackupJobDetail.DeviceID)] = Of(job => job.DeviceId),
        [nameof(BackupJobDetail.SourceGUID)] = Of(job => job.SourceId),
        [nameof(BackupJobDetail.DestinationGUID)] = Of(job => job.DestinationId),
        [nameof(BackupJobDetail.Classification)] = Of(job => (long)job.Classification),
        [nameof(BackupJobDetail.Status)] = Of(job => (long)job.Status),
        [nameof(BackupJobDetail.StartTime)] = Of(job => job.StartTime),
        [nameof(BackupJobDetail.EndTime)] = Of(job => job.EndTime),
        [nameof(BackupJobDetail.TotalFiles)] = Of(job => job.TotalFiles),
        [nameof(BackupJobDetail.TotalSize)] = Of(job => job.TotalSize),
        [nameof(BackupJobDetail.UploadSize)] = Of(job => job.UploadSize),
        [nameof(BackupJobDetail.DownloadSize)] = Of(job => job.DownloadSize),
    };

    private static readonly Dictionary<string, JobField> Fields = typeof(BackupJobDetail).GetProperties()
        .Where(property => property.PropertyType == typeof(string) || property.PropertyType == typeof(long) || property.PropertyType.IsEnum)
        .ToDictionary(property => Prefix + property.Name, Of, StringComparer.Ordinal);

    /// <summary>The names of all fields, for the message about an unknown field.</summary>
    public static IEnumerable<string> Names => Fields.Keys.Append(SinceStarted);

    /// <summary>
    /// The field of this name; null for an unknown name. Elapsed times are counted up to <paramref name="now"/>, in Unix seconds.
    /// </summary>
    public static JobField? Find(string name, long now) =>
        name == SinceStarted
            ? Numeric(detail => now - detail.StartTime, Of(job => now - job.StartTime))
            : Fields.GetValueOrDefault(name);

    private static JobField Of(PropertyInfo property)
    {
        var detail = Expression.Parameter(typeof(BackupJobDetail));
        var value = Expression.Property(detail, property);
        var column = Columns.GetValueOrDefault(property.Name);
        return property.PropertyType == typeof(string)
            ? new JobField(Expression.Lambda<Func<BackupJobDetail, string>>(value, detail).Compile(), null, column)
            : Numeric(Expression.Lambda<Func<BackupJobDetail, long>>(Expression.Convert(value, typeof(long)), detail).Compile(), column);
    }

    private static JobField Numeric(Func<BackupJobDetail, long> number, LambdaExpression? column) =>
        new(detail => number(detail).ToString(CultureInfo.InvariantCulture), number, column);

    private static Expression<Func<BackupJob, T>> Of<T>(Expression<Func<BackupJob, T>> column) => column;
}
