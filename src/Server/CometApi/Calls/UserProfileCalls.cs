using System.Buffers;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of administrators about profiles and devices.</summary>
internal sealed class UserProfileCalls(
    AccountActions accounts, ProfileActions profiles, DeviceActions devices, AccountCodeActions codes)
{
    private const int FlushEvery = 64 * 1024;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<UserProfileCalls>("list-users", (api, call) => api.ListNamesAsync(call));
        endpoints.MapCometAdmin<UserProfileCalls>("list-users-full", (api, call) => Task.FromResult<object>(api.ListAll(call)));
        endpoints.MapCometAdmin<UserProfileCalls>("get-user-profile", (api, call) => api.GetAsync(call, stored => stored.Profile));
        endpoints.MapCometAdmin<UserProfileCalls>("get-user-profile-and-hash", (api, call) => api.GetAsync(call, AndHash));
        endpoints.MapCometAdmin<UserProfileCalls>(
            "get-user-profile-hash",
            (api, call) => api.GetAsync(call, stored => new GetProfileHashResponseMessage { ProfileHash = stored.Hash }));
        endpoints.MapCometAdmin<UserProfileCalls>("set-user-profile", (api, call) => api.SetAsync(call));
        endpoints.MapCometAdmin<UserProfileCalls>("set-user-profile-hash", (api, call) => api.SetIfUnchangedAsync(call));
        endpoints.MapCometAdmin<UserProfileCalls>("revoke-device", (api, call) => api.RevokeDeviceAsync(call));
        endpoints.MapCometAdmin<UserProfileCalls>("disable-user-totp", (api, call) => api.DisableTotpAsync(call));
    }

    public static GetProfileAndHashResponseMessage AndHash(StoredProfile stored) => new() { ProfileHash = stored.Hash, Profile = stored.Profile };

    private async Task<object> ListNamesAsync(CometCall call) => await accounts.ListNamesAsync(call.Caller, call.Aborted);

    // Written as it is read: ten thousand profiles are never in memory together. The buffer is needed because the writer only flushes synchronously.
    private CometRaw ListAll(CometCall call) => new("application/json", async (stream, cancellationToken) =>
    {
        var buffer = new ArrayBufferWriter<byte>(2 * FlushEvery);
        await using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = CometJson.Options.Encoder });
        writer.WriteStartObject();
        await foreach (var stored in profiles.ListAsync(call.Caller, cancellationToken))
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
    });

    private async Task<object> GetAsync(CometCall call, Func<StoredProfile, object> answer) =>
        (await profiles.FindAsync(call.Target, call.Aborted)).TryGet(out var stored, out var refusal) ? answer(stored) : CometErrors.Of(refusal);

    private async Task<object> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        return CometErrors.OkOr((await profiles.SaveAsync(call.Target, requiredHash: null, profile, call.Aborted)).Refusal);
    }

    private async Task<object> SetIfUnchangedAsync(CometCall call)
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
        return saved.TryGet(out var stored, out var refusal) ? AndHash(stored) : CometErrors.Of(refusal);
    }

    private async Task<object> RevokeDeviceAsync(CometCall call)
    {
        if ((await accounts.FindAsync(call.Target, call.Aborted)).Refusal is { } unknown)
        {
            return CometErrors.Of(unknown);
        }

        return await devices.RevokeAsync(call.Target, call.Form.Text("TargetDevice"), call.Aborted) is null
            ? CometApiResponseMessage.Ok
            : CometErrors.BadRequest("Device not found");
    }

    private async Task<object> DisableTotpAsync(CometCall call) => CometErrors.OkOr(await codes.RemoveAsync(call.Target, call.Aborted));
}
