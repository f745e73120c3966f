using System.Text;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

/// <summary>
/// Limits what clients make the database grow by, whatever they store: job logs, profiles, files of settings, answers, events. Each caller
/// and each organization has a number of bytes a day. When the database has little room, that number is small: enough for sign-ins,
/// devices and the records of restores. Operators and the server itself have no limit.
/// </summary>
internal sealed class GrowthBudget(GrowthOptions options, DatabaseRoom room, TimeProvider time) : ISaveChangesInterceptor
{
    private const int RowBytes = 64;
    private const long ScarceBytes = 1 << 20;
    private const long ScarceOrganizationBytes = 16 << 20;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly ExplainedFailure Spent = new(
        StatusCodes.Status429TooManyRequests, "growth_budget_spent",
        "This caller, or its organization, has stored as many bytes today as the server permits (Halley:Growth). Try again in some hours.");

    private static readonly ExplainedFailure Scarce = new(
        StatusCodes.Status507InsufficientStorage, "database_reserve",
        "The server's database has little room left, which is kept for sign-ins and restores. An administrator has to free room.");

    private readonly (Allowances<string> Callers, Allowances<string> Organizations) _usual =
        (new(options.CallerBytes, Day, time), new(options.OrganizationBytes, Day, time));

    private readonly (Allowances<string> Callers, Allowances<string> Organizations) _scarce =
        (new(ScarceBytes, Hour, time), new(ScarceOrganizationBytes, Hour, time));

    public async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is ServerDbContext database && database.TakeBytesBeside() is var beside
            && GrowthCaller.Current is { IsOperator: false } caller
            && database.ChangeTracker.Entries().Sum(GrowthOf) + beside is > 0 and var bytes)
        {
            var isScarce = await room.IsScarceAsync(database, cancellationToken);
            if (!Permits(isScarce ? _scarce : _usual, caller, bytes))
            {
                throw new RefusedException(isScarce ? Scarce : Spent);
            }
        }

        return result;
    }

    /// <summary>Counts bytes that are stored without a save of rows.</summary>
    public void Count(long bytes)
    {
        if (GrowthCaller.Current is { IsOperator: false } caller)
        {
            foreach (var (callers, organizations) in new[] { _usual, _scarce })
            {
                callers.Take(caller.Name, bytes);
                if (caller.OrganizationId is { Length: > 0 } organization)
                {
                    organizations.Take(organization, bytes);
                }
            }
        }
    }

    private static bool Permits(
        (Allowances<string> Callers, Allowances<string> Organizations) allowances, GrowthCaller caller, long bytes) =>
        allowances.Callers.TryTake(caller.Name, bytes)
            && (caller.OrganizationId is not { Length: > 0 } organization || allowances.Organizations.TryTake(organization, bytes));

    private static long GrowthOf(EntityEntry entry) => entry.State switch
    {
        EntityState.Added => RowBytes + entry.Properties.Sum(property => BytesOf(property.CurrentValue)),
        EntityState.Modified => entry.Properties.Where(property => property.IsModified)
            .Sum(property => Math.Max(0, BytesOf(property.CurrentValue) - BytesOf(property.OriginalValue))),
        _ => 0,
    };

    private static long BytesOf(object? value) => value switch
    {
        byte[] bytes => bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        _ => 0,
    };
}
