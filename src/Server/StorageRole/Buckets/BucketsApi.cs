using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Buckets;

/// <summary><c>/api/v2/buckets</c> and the keys below it.</summary>
internal static class BucketsApi
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 1000;

    /// <summary>What an administrator must be allowed to change what protects buckets.</summary>
    public const Requires MayProtect = Requires.TopLevel | Requires.EditServerSettings;

    public static void MapBuckets(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Buckets, ListAsync);
        group.MapPost(Routes.Buckets, CreateAsync);
        group.MapGet(Routes.Bucket, GetAsync);
        group.MapPatch(Routes.Bucket, UpdateAsync);
        group.MapDelete(Routes.Bucket, DeleteAsync);
        endpoints.MapPost(Routes.BucketUnfreeze, UnfreezeAsync).WithTags("Buckets").RequireAuthorization(Policies.AdministratorWho(MayProtect));
        group.MapGet(Routes.BucketKeys, ListKeysAsync);
        group.MapPost(Routes.BucketKeys, AddKeyAsync);
        group.MapDelete(Routes.BucketKey, RevokeKeyAsync);
    }

    private static async Task<Results<Ok<Page<BucketInfo>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, BucketRegistration buckets, string? after, int? limit, CancellationToken cancellationToken)
    {
        var count = limit ?? DefaultLimit;
        if (count is < 1 or > MaximumLimit)
        {
            return Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}.");
        }

        var found = await buckets.ListAsync(TenantScope.OfCaller(caller), after, count + 1, cancellationToken);
        return found.Count > count
            ? TypedResults.Ok(new Page<BucketInfo>([.. found.Take(count)], found[count - 1].Id))
            : TypedResults.Ok(new Page<BucketInfo>(found, Next: null));
    }

    private static async Task<Results<Created<BucketCreated>, ProblemHttpResult>> CreateAsync(
        CreateBucket request, ClaimsPrincipal caller, BucketRegistration buckets, IAuthorizationService authorization, CancellationToken cancellationToken)
    {
        if (request.HoldDays is not null && !await MayAsync(authorization, caller))
        {
            return NotAllowed;
        }

        var change = await buckets.CreateAsync(request, TenantScope.OfCaller(caller), caller.Identity?.Name ?? "", cancellationToken);
        return change.Value is { } created
            ? TypedResults.Created($"{Routes.Buckets}/{created.Bucket.Id}", created)
            : Refuse(change.Refusal!);
    }

    private static async Task<Results<Ok<BucketInfo>, ProblemHttpResult>> GetAsync(
        string bucketId, ClaimsPrincipal caller, BucketRegistration buckets, CancellationToken cancellationToken) =>
        await buckets.FindAsync(bucketId, TenantScope.OfCaller(caller), cancellationToken) is { } bucket ? TypedResults.Ok(bucket) : NotFound();

    private static async Task<Results<Ok<BucketInfo>, ProblemHttpResult>> UpdateAsync(
        string bucketId, UpdateBucket changes, ClaimsPrincipal caller, BucketRegistration buckets, BucketProtecting protecting,
        IAuthorizationService authorization, CancellationToken cancellationToken)
    {
        if (BucketProtecting.Concerns(changes))
        {
            if (!await MayAsync(authorization, caller))
            {
                return NotAllowed;
            }

            if (await protecting.ChangeAsync(bucketId, TenantScope.OfCaller(caller), changes, caller.Identity?.Name ?? "", cancellationToken) is { } refusal)
            {
                return Refuse(refusal);
            }
        }

        var change = await buckets.RenameAsync(bucketId, TenantScope.OfCaller(caller), changes, cancellationToken);
        return change.Value is { } bucket ? TypedResults.Ok(bucket) : Refuse(change.Refusal!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> UnfreezeAsync(
        string bucketId, ClaimsPrincipal caller, BucketProtecting protecting, CancellationToken cancellationToken) =>
        await protecting.UnfreezeAsync(bucketId, TenantScope.OfCaller(caller), caller.Identity?.Name ?? "", cancellationToken) is { } refusal
            ? Refuse(refusal)
            : TypedResults.NoContent();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string bucketId, ClaimsPrincipal caller, BucketRegistration buckets, CancellationToken cancellationToken) =>
        await buckets.DeleteAsync(bucketId, TenantScope.OfCaller(caller), caller.Identity?.Name ?? "", cancellationToken) ? TypedResults.NoContent() : NotFound();

    private static async Task<Results<Ok<Page<BucketKeyInfo>>, ProblemHttpResult>> ListKeysAsync(
        string bucketId, ClaimsPrincipal caller, BucketKeys keys, CancellationToken cancellationToken) =>
        await keys.ListAsync(bucketId, TenantScope.OfCaller(caller), cancellationToken) is { } found
            ? TypedResults.Ok(new Page<BucketKeyInfo>(found, Next: null))
            : NotFound();

    private static async Task<Results<Created<BucketKeyCreated>, ProblemHttpResult>> AddKeyAsync(
        string bucketId, CreateBucketKey request, ClaimsPrincipal caller, BucketKeys keys, CancellationToken cancellationToken)
    {
        var change = await keys.AddAsync(bucketId, TenantScope.OfCaller(caller), request, cancellationToken);
        return change.Value is { } created
            ? TypedResults.Created($"{Routes.Buckets}/{bucketId}/keys/{created.Key.Id}", created)
            : Refuse(change.Refusal!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeKeyAsync(
        string bucketId, Guid keyId, ClaimsPrincipal caller, BucketKeys keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(bucketId, TenantScope.OfCaller(caller), keyId, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("key_not_found", "The bucket has no key with this id.");

    private static ProblemHttpResult NotAllowed => Problems.Problem(
        StatusCodes.Status403Forbidden, "full_administrator_required",
        "Only an administrator of the top level who may change the server's settings can change the hold, the brake or the quota of a bucket.");

    // A change has the rest of its policy by its own endpoint; here only what goes beyond the name needs more.
    private static async Task<bool> MayAsync(IAuthorizationService authorization, ClaimsPrincipal caller)
    {
        foreach (var policy in Policies.AdministratorWho(MayProtect))
        {
            if (!(await authorization.AuthorizeAsync(caller, resource: null, policy)).Succeeded)
            {
                return false;
            }
        }

        return true;
    }

    private static ProblemHttpResult NotFound() => Refuse(BucketChange<BucketInfo>.NotFound.Refusal!);

    public static ProblemHttpResult Refuse(BucketRefusal refusal) => refusal switch
    {
        { IsMissing: true } => Problems.NotFound(refusal.Code, refusal.Reason),
        { IsConflict: true } => Problems.Conflict(refusal.Code, refusal.Reason),
        _ => Problems.BadRequest(refusal.Code, refusal.Reason),
    };
}
