namespace Halley.Server.Data;

internal sealed partial class DatabaseMigration
{
    [LoggerMessage(LogEvents.DatabaseMigrated, LogLevel.Information, "Database brought up to date by {Count} change(s), the last one {Migration}")]
    private partial void Migrated(int count, string migration);

    [LoggerMessage(LogEvents.DatabaseCopied, LogLevel.Information, "Database copied to {File} before it is changed")]
    private partial void Copied(string file);
}
