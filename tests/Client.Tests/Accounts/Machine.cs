using Halley.Client.Accounts;
using Halley.Client.Repository;
using Halley.Protocol.Client;
using Halley.Storage;

namespace Halley.Client.Tests.Accounts;

/// <summary>
/// A process on a machine of an account. It can be made to crash at a request, before that is sent or before its answer is read.
/// </summary>
internal sealed class Machine : IDisposable
{
    // As the server of these tests.
    private const int WorkFactor = 4;

    private readonly HttpClient _http;

    public Machine(AccountServer server, StateDirectory state, int crashAt = 0, bool isSent = false)
    {
        Handler = new CrashingHandler(crashAt, isSent) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } };
        _http = new HttpClient(Handler) { Timeout = Timeout.InfiniteTimeSpan };
        Api = new HalleyClient(_http, server.Address, TimeProvider.System);
        Account = new DeviceAccount(state, Api);
        Stores = new VaultStores(_http, TimeProvider.System, new RetryOptions { GiveUpAfter = TimeSpan.Zero });
        Vaults = new DeviceVaults(Account, Api, Stores, "1") { WorkFactor = WorkFactor };
        KeyChange = new VaultKeyChange(Account, Api, Stores, "1") { WorkFactor = WorkFactor };
        Move = new VaultMove(Account, Vaults, Api, Stores, "1");
    }

    public CrashingHandler Handler { get; }

    public HalleyClient Api { get; }

    public DeviceAccount Account { get; }

    public VaultStores Stores { get; }

    public DeviceVaults Vaults { get; }

    public VaultKeyChange KeyChange { get; }

    public VaultMove Move { get; }

    public void Dispose() => _http.Dispose();

    public async Task<ProfileVault> FindAsync(string name) =>
        ProfileVault.Find((await Account.ReadProfileAsync("1", CancellationToken.None)).Profile, name);

    /// <summary>Opens a vault of the account.</summary>
    public async Task<Vault> OpenAsync(string name, ReadOnlyMemory<byte> rKey)
    {
        var vault = await FindAsync(name);
        using var key = vault.OpenKey(rKey.Span);
        return await Vault.OpenAsync(Stores.Open(vault.OpenPlace(rKey.Span)), key.Password, null, CancellationToken.None);
    }

    /// <summary>How a vault is moved. The lock of a crashed process of this one would look like that of a living one.</summary>
    public static VaultMoveWork WorkOf(ReadOnlyMemory<byte> rKey) => new()
    {
        RKey = rKey,
        Options = new VaultOptions(),
        LockAsync = async (vault, cancellationToken) =>
        {
            await vault.RemoveLocksAsync(all: true, cancellationToken);
            return (await vault.LockAsync(isExclusive: true, cancellationToken)).Lock!;
        },
    };

    public static LoginOptions Login { get; } = new()
    {
        ClientVersion = "1",
        AskCode = _ => throw new InvalidOperationException("No code is needed."),
    };
}

/// <summary>Ends a process at its n-th request: everything that it would have done later does not happen.</summary>
internal sealed class CrashingHandler(int crashAt, bool isSent) : DelegatingHandler
{
    private int _requests;

    public bool HasCrashed { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (HasCrashed)
        {
            throw new CrashException();
        }

        HasCrashed = Interlocked.Increment(ref _requests) == crashAt;
        if (HasCrashed && !isSent)
        {
            throw new CrashException();
        }

        var answer = await base.SendAsync(request, cancellationToken);
        return HasCrashed ? throw new CrashException() : answer;
    }
}

/// <summary>The process has ended.</summary>
public sealed class CrashException() : Exception("The process has ended.");
