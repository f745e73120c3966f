using Halley.Protocol.Keys;

namespace Halley.Client.Accounts;

/// <summary>How a device signs in.</summary>
public sealed class LoginOptions
{
    /// <summary>True keeps the keys of the account, sealed for this device, so that it works unattended.</summary>
    public bool KeepsKeys { get; init; } = true;

    /// <summary>True registers another device, for a machine whose disk is a copy.</summary>
    public bool IsNewDevice { get; init; }

    /// <summary>Name of the device for people; only counts at the first registration.</summary>
    public string? DeviceName { get; init; }

    /// <summary>Version of the client.</summary>
    public string ClientVersion { get; init; } = "";

    /// <summary>Asks for a code of the authenticator app; called only when the account requires one.</summary>
    public required Func<CancellationToken, Task<string>> AskCode { get; init; }

    /// <summary>
    /// Gives the keys of a new password, called only when the account must have another one before it can be used; the sign-in
    /// erases them. Null refuses.
    /// </summary>
    public Func<CancellationToken, Task<AccountKeys>>? AskNewKeys { get; init; }
}
