using System.Text.Json;
using Halley.Client.Accounts;
using Halley.Protocol.Client;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Storage.Disk;

namespace Halley.Client.Agent;

/// <summary>The profile of the account, and a copy of it on this machine for times without a connection. Thread-safe.</summary>
/// <param name="state">Where this machine remembers its account.</param>
/// <param name="account">The account.</param>
/// <param name="clientVersion">Version of the client.</param>
public sealed class ProfileCopy(StateDirectory state, DeviceAccount account, string clientVersion)
{
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(state.Location, "profile.json");

    /// <summary>Called when the server has another profile than before.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>The profile of the server, or the copy when the server cannot be reached; another object each time.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached, and there is no copy.</exception>
    public async Task<ProfileState> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var profile = await account.ReadProfileAsync(clientVersion, cancellationToken);
            if (Save(profile))
            {
                Changed();
            }

            return profile;
        }
        catch (HttpRequestException)
        {
            if (FindState() is { } copy)
            {
                return copy;
            }

            throw;
        }
    }

    /// <summary>The copy of this machine; null when there is none of this account.</summary>
    public UserProfileConfig? Find() => FindState()?.Profile;

    // True when it is another one.
    private bool Save(ProfileState profile)
    {
        lock (_lock)
        {
            if (FindState()?.Tag == profile.Tag)
            {
                return false;
            }

            PrivateFile.Write(_path, $"{profile.Tag}\n{CometJson.Write(profile.Profile)}");
            return true;
        }
    }

    private ProfileState? FindState()
    {
        try
        {
            return File.Exists(_path) && File.ReadAllText(_path).Split('\n', 2) is [var tag, var json]
                && CometJson.Read<UserProfileConfig>(json) is { } profile && profile.Username == state.FindAccount()?.Username
                ? new ProfileState(profile, tag)
                : null;
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException)
        {
            return null; // damaged: the next one from the server replaces it
        }
    }
}
