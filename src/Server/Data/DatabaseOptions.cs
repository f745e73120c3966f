using System.ComponentModel.DataAnnotations;
using Halley.Server.Hosting;

namespace Halley.Server.Data;

internal enum DatabaseProvider
{
    Sqlite,
    PostgreSql,
}

/// <summary>The database (<c>Halley:Database</c>).</summary>
internal sealed class DatabaseOptions : IValidatableObject
{
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>Only for PostgreSql; SQLite always uses <c>{data}/halley.db</c>.</summary>
    [SecretSetting]
    public string? ConnectionString { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider == DatabaseProvider.PostgreSql && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new ValidationResult(
                "must be given with PostgreSql, for example Host=localhost;Database=halley;Username=halley;Password=…",
                    [nameof(ConnectionString)]);
        }
        else if (Provider == DatabaseProvider.PostgreSql && !IsReadable(ConnectionString!))
        {
            yield return new ValidationResult(
                "must be a connection string of Npgsql, key=value pairs separated by ;", [nameof(ConnectionString)]);
        }

        if (Provider == DatabaseProvider.Sqlite && !string.IsNullOrEmpty(ConnectionString))
        {
            yield return new ValidationResult("is only for Halley:Database:Provider = PostgreSql", [nameof(ConnectionString)]);
        }
    }

    private static bool IsReadable(string connectionString)
    {
        try
        {
            return new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 };
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
