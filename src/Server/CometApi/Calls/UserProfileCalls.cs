using System.Buffers;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Profiles = Halley.Server.CometApi.Transport.CometReply<
    System.Collections.Generic.Dictionary<string, Halley.Protocol.Profiles.UserProfileConfig>>;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of administrators about profiles and devices.</summary>
internal sealed class UserProfileCalls(
    AccountActions accounts, ProfileActions profiles, DeviceActions devices, AccountCodeActions codes)
{
    private const int FlushEvery = 64 * 1024;

    public static void Map(CometMap<UserProfileCalls> map)
    {
        map.Admin("list-users", "", (api, call) => api.ListNamesAsync(call));
        map.Admin("list-users-full", "", (api, call) => api.ListAll(call));
        map.Admin("get-user-profile", "TargetUser", (api, call) => api.GetAsync(call, stored => stored.Profile));
        map.Admin("get-user-profile-and-hash", "TargetUser", (api, call) => api.GetAsync(call, AndHash));
        map.Admin("get-user-profile-hash", "TargetUser",
            (api, call) => api.GetAsync(call, stored => new GetProfileHashResponseMessage { ProfileHash = stored.Hash }));
        map.Admin("set-user-profile", "TargetUser, ProfileData json:UserProfileConfig", (api, call) => api.SetAsync(call));
        map.Admin(
            "set-user-profile-hash", "TargetUser, ProfileData json:UserProfileConfig, RequireHash, AdminOptions? json:AdminOptions",
            (api, call) => api.SetIfUnchangedAsync(call));
        map.Admin("revoke-device", "TargetUser, TargetDevice", (api, call) => api.RevokeDeviceAsync(call));
        map.Admin("disable-user-totp", "TargetUser", (api, call) => api.DisableTotpAsync(call));
    }

    public static GetProfileAndHashResponseMessage AndHash(StoredProfile stored) =>
        new() { ProfileHash = stored.Hash, Profile = stored.Profile };

    private async Task<CometReply<List<string>>> ListNamesAsync(CometCall call) =>
        (await accounts.ListNamesAsync(call.Caller, call.Aborted)).ToList();

    // Written while it is read, so that ten thousand profiles are never in memory together. The buffer is needed because the writer only
    // flushes synchronously.
    private Profiles ListAll(CometCall call) => Profiles.Streamed(
        new CometRaw("application/json", (stream, cancellationToken) => WriteAllAsync(call.Caller, stream, cancellationToken)));

    private async Task WriteAllAsync(Caller caller, Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * FlushEvery);
        await using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = CometJson.Options.Encoder });
        writer.WriteStartObject();
        await foreach (var stored in profiles.ListAsync(caller, cancellationToken))
        {
            writer.WritePropertyName(stored.Account.Username);
            JsonSerializer.Serialize(writer, stored.Profile, CometJson.Options);
            if (buffer.WrittenCount > FlushEvery)
            {
                await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
                buffer.ResetWrittenCount();
            }
        }

        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
    }

    private async Task<CometReply<T>> GetAsync<T>(CometCall call, Func<StoredProfile, T> answer)
        where T : notnull =>
        (await profiles.FindAsync(call.Target, call.Aborted)).TryGet(out var stored, out var refusal) ? answer(stored) : refusal;

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        return CometErrors.OkOr((await profiles.SaveAsync(call.Target, requiredHash: null, profile, call.Aborted)).Refusal);
    }

    private async Task<CometReply<GetProfileAndHashResponseMessage>> SetIfUnchangedAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        if (!call.Form.TryJson<AdminOptions>("AdminOptions", out var options))
        {
            return CometErrors.BadField("AdminOptions", "must be AdminOptions as JSON");
        }

        if (call.Form.Text("RequireHash") is not { Length: > 0 } hash)
        {
            return CometErrors.BadField("RequireHash", "must be the hash of the profile that was read");
        }

        var saved = await profiles.SaveAsync(call.Target, hash, profile, call.Aborted, options?.Policy.DeleteSources);
        return saved.TryGet(out var stored, out var refusal) ? AndHash(stored) : refusal;
    }

    private async Task<CometApiResponseMessage> RevokeDeviceAsync(CometCall call) =>
        CometErrors.OkOr(await devices.RevokeAsync(call.Target, call.Form.Text("TargetDevice"), call.Aborted));

    private async Task<CometApiResponseMessage> DisableTotpAsync(CometCall call) =>
        CometErrors.OkOr(await codes.RemoveAsync(call.Target, call.Aborted));
}
