using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Volumes;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about buckets.</summary>
internal sealed class StorageCalls(
    BucketActions buckets, VolumeActions volumes, CredentialHasher hasher, TimeProvider time)
{
    private const string BucketId = "BucketID";

    /// <summary>The vendor's format of a secret that is sent in clear, to be hashed at once.</summary>
    private const int ClearText = 0;

    public static void Map(CometMap<StorageCalls> map)
    {
        map.Admin("storage/list-buckets", "", (api, call) => api.ListAsync(call));
        map.Admin("storage/bucket-properties", "BucketID, AfterTimestamp? int", (api, call) => api.PropertiesAsync(call));
        map.Admin(
            "storage/register-bucket", "SetBucketValue?, SetKeyHashFormat?, SetKeyHashValue?, SetOrganizationID?",
            (api, call) => api.RegisterAsync(call));
        map.Admin("storage/delete-bucket", "BucketID", (api, call) => api.DeleteAsync(call));
        map.Admin("storage/free-space", "BucketID?", Requires.TopLevel, (api, call) => api.FreeSpaceAsync(call));
    }

    private async Task<CometReply<Dictionary<string, BucketProperties>>> ListAsync(CometCall call) =>
        (await buckets.ListStoredAsync(call.Caller, call.Aborted)).ToDictionary(bucket => bucket.Id, ToWire);

    private async Task<CometReply<BucketProperties>> PropertiesAsync(CometCall call)
    {
        if (!call.Form.TryInteger("AfterTimestamp", 0, out var after))
        {
            return CometErrors.BadField("AfterTimestamp", "must be Unix seconds");
        }

        var id = call.Form.Text(BucketId);
        var needed = Math.Min(after, time.GetUtcNow().ToUnixTimeSeconds());
        if (!(await buckets.FindStoredAsync(call.Caller, id, call.Aborted)).TryGet(out var bucket, out var refusal))
        {
            return CometErrors.Of(refusal);
        }

        if (bucket.MeasureStartedAt is { } started && Seconds(started) >= needed)
        {
            return ToWire(bucket);
        }

        if (await buckets.MeasureAsync(call.Caller, id, call.Aborted) is { } failure)
        {
            return CometErrors.Of(failure);
        }

        return (await buckets.FindStoredAsync(call.Caller, id, call.Aborted)).TryGet(out var measured, out refusal)
            ? ToWire(measured)
            : CometErrors.Of(refusal);
    }

    private async Task<CometReply<AddBucketResponseMessage>> RegisterAsync(CometCall call)
    {
        var form = call.Form;
        var hash = form.Text("SetKeyHashValue");
        if (!form.TryInteger("SetKeyHashFormat", 1, out var format) || (hash.Length == 0) != (form.Text("SetKeyHashFormat").Length == 0))
        {
            return CometErrors.BadField("SetKeyHashFormat", "must be a number and be given together with SetKeyHashValue");
        }

        if (hash.Length > 0 && format == ClearText)
        {
            (hash, format) = (hasher.Hash(hash), CredentialHasher.CurrentFormat);
        }

        var outcome = await buckets.CreateAsync(
            call.Caller,
            new CreateBucket(
                form.Text("SetBucketValue"), KeyHash: hash, KeyHashFormat: (int)format, OrganizationId: form.Text("SetOrganizationID")),
            call.Aborted);
        return outcome.TryGet(out var made, out var refusal)
            ? new AddBucketResponseMessage(200, "OK", made.Bucket.Id, made.Secret ?? "")
            : CometErrors.Of(refusal);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        CometErrors.OkOr(await buckets.DeleteAsync(call.Caller, call.Form.Text(BucketId), call.Aborted));

    private async Task<CometReply<StorageFreeSpaceInfo>> FreeSpaceAsync(CometCall call)
    {
        if (!(await volumes.ListAsync(call.Caller, call.Aborted)).TryGet(out var all, out var refusal))
        {
            return CometErrors.Of(refusal);
        }

        var online = all.Items.Where(volume => volume.Online).ToList();
        var parts = online.Select(volume => ToWire(volume.TotalBytes, Writable(volume)));
        var whole = ToWire(online.Sum(volume => volume.TotalBytes), online.Sum(Writable));
        return whole with { Spanned = new SpannedStorageExtraInfo([.. parts]) };
    }

    private static long Writable(VolumeInfo volume) =>
        volume.Mode == VolumeMode.Writable ? Math.Max(0, volume.FreeBytes - volume.ReserveBytes) : 0;

    private static StorageFreeSpaceInfo ToWire(long total, long available) =>
        new(Unlimited: false, total == 0 ? 100 : (float)(100.0 * (total - available) / total), (ulong)available);

    private static BucketProperties ToWire(Bucket bucket)
    {
        var key = bucket.Keys.MinBy(key => key.CreatedAt);
        return new BucketProperties(
            bucket.OrganizationId, Seconds(bucket.CreatedAt), key?.Format ?? 0, key?.Hash ?? "",
            new SizeMeasurement(bucket.MeasuredBytes, Seconds(bucket.MeasureStartedAt), Seconds(bucket.MeasureCompletedAt)));
    }

    private static long Seconds(DateTime? time) =>
        time is { } utc ? new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)).ToUnixTimeSeconds() : 0;
}
