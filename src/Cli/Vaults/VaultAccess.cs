using System.Net;
using Halley.Cli.Accounts;
using Halley.Cli.Settings;
using Halley.Client.Agent.Connection;
using Halley.Client.Repository;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Locks;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Remote;

namespace Halley.Cli.Vaults;

/// <summary>How a verb uses the vault.</summary>
internal enum VaultUse
{
    /// <summary>It takes no lock, or the library takes it.</summary>
    WithoutLock,

    /// <summary>It reads beside others; <c>--no-lock</c> counts.</summary>
    Read,

    /// <summary>It needs the vault for itself, to check it; <c>--no-lock</c> counts.</summary>
    ReadAlone,

    /// <summary>It writes beside others.</summary>
    Write,

    /// <summary>It needs the vault for itself, to write.</summary>
    WriteAlone,
}

/// <summary>Opens the vault that the command line names, and locks it.</summary>
internal static class VaultAccess
{
    private const int MaxCompression = 19;

    // A pack takes memory until it is on the disk, and a disk does not become faster by more of them: restic has two, too.
    private const int LocalConnections = 2;

    // The first answer comes soon or something is wrong with the address; later the work of hours is at stake.
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Opens the vault, runs, and releases the lock.</summary>
    public static Task<int> RunAsync(
        VerbContext context, VaultUse use, Func<VerbContext, Vault, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken) =>
        RunAsync(context, use, isDryRun: false, run, cancellationToken);

    /// <summary>As above; a dry run keeps nothing and needs no lock.</summary>
    public static Task<int> RunAsync(
        VerbContext context, VaultUse use, bool isDryRun, Func<VerbContext, Vault, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken) =>
        MovingVault.RunAsync(context, () => RunOnceAsync(context, use, isDryRun, run, cancellationToken), cancellationToken);

    private static async Task<int> RunOnceAsync(
        VerbContext context, VaultUse use, bool isDryRun, Func<VerbContext, Vault, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        var address = await AddressAsync(context, cancellationToken);
        using var opened = OpenStore(context, address);
        await opened.RequireVaultAsync(cancellationToken);
        var store = isDryRun ? new Client.Backup.DryRunBlobStore(opened.Store) : opened.Store;

        // A check looks at the vault itself, not at copies.
        var hasCache = !isDryRun && use != VaultUse.ReadAlone;
        using var vault = await OpenAsync(context, address, store, OptionsOf(context, opened, hasCache), cancellationToken);
        context.Place = address.ToPlace();
        var needsLock = use is VaultUse.Write or VaultUse.WriteAlone
            || (use is VaultUse.Read or VaultUse.ReadAlone && !context.Get(SharedOptions.NoLock));
        if (!needsLock || isDryRun)
        {
            return await run(context, vault, cancellationToken);
        }

        await using var held = await LockAsync(context, vault, use is VaultUse.ReadAlone or VaultUse.WriteAlone, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        try
        {
            return await run(context, vault, either.Token);
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await held.EnsureHeldAsync(CancellationToken.None); // throws: it was lost
            throw;
        }
    }

    /// <summary>Opens the vault, locks it, runs with the lock, and releases it.</summary>
    public static Task<int> RunLockedAsync(
        VerbContext context, bool isExclusive, bool hasCache, Func<VerbContext, Vault, VaultLock, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken) =>
        MovingVault.RunAsync(context, () => RunLockedOnceAsync(context, isExclusive, hasCache, run, cancellationToken), cancellationToken);

    private static async Task<int> RunLockedOnceAsync(
        VerbContext context, bool isExclusive, bool hasCache, Func<VerbContext, Vault, VaultLock, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        var address = await AddressAsync(context, cancellationToken);
        using var opened = OpenStore(context, address);
        await opened.RequireVaultAsync(cancellationToken);
        using var vault = await OpenAsync(context, address, opened.Store, OptionsOf(context, opened, hasCache), cancellationToken);
        await using var held = await LockAsync(context, vault, isExclusive, cancellationToken);
        return await run(context, vault, held, cancellationToken);
    }

    /// <summary>Asks again while locks of others are in the way, for as long as <c>--retry-lock</c> says.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="tryAsync">Returns null for the result when locks are in the way.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<T> RetryAsync<T>(
        VerbContext context, Func<Task<(T? Result, IReadOnlyList<LockEntry> Conflicts)>> tryAsync, CancellationToken cancellationToken)
        where T : class
    {
        var longest = context.Get(SharedOptions.RetryLock) is { } text ? Quantity.ParseDuration(text) : TimeSpan.Zero;
        var (start, pause) = (context.Time.GetTimestamp(), FirstPause);
        string? place = null;
        while (true)
        {
            var (result, conflicts) = await tryAsync();
            if (result is not null)
            {
                return result;
            }

            var left = longest - context.Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new CommandException(
                    $"The vault is locked by {OwnersOf(conflicts)}. Wait, or use --retry-lock 10m; `halley unlock` removes locks whose "
                    + "program has ended.",
                    ExitCode.Locked);
            }

            context.Terminal.Detail($"The vault is locked by {OwnersOf(conflicts)}; waiting.");
            place ??= await MovingVault.PlaceAsync(context, cancellationToken);
            await Task.Delay(pause < left ? pause : left, context.Time, cancellationToken);
            await MovingVault.EnsureStillAtAsync(context, place, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The address that the command line or the environment names.</summary>
    public static Task<VaultAddress> AddressAsync(VerbContext context, CancellationToken cancellationToken) =>
        AddressAsync(context, AddressTextOf(context), cancellationToken);

    /// <summary>An address, or a vault of the account by its name.</summary>
    public static async Task<VaultAddress> AddressAsync(VerbContext context, string text, CancellationToken cancellationToken) =>
        AccountVaults.NameIn(text) is { } name
            ? await AccountVaults.OpenAsync(context, name, cancellationToken)
            : VaultAddress.Parse(text);

    /// <summary>What the command line or the environment says about the vault.</summary>
    public static string AddressTextOf(VerbContext context) => FindAddressText(context)
        ?? throw new CommandException("Which vault? Give -r ADDRESS or set HALLEY_REPOSITORY.");

    /// <summary>The same; null when they say nothing.</summary>
    public static string? FindAddressText(VerbContext context) =>
        context.Get(SharedOptions.Repository)
        ?? FileOf(context.Get(SharedOptions.RepositoryFile))
        ?? Variables.NotEmpty("HALLEY_REPOSITORY") ?? FileOf(Variables.NotEmpty("HALLEY_REPOSITORY_FILE"))
        ?? Variables.NotEmpty("RESTIC_REPOSITORY") ?? FileOf(Variables.NotEmpty("RESTIC_REPOSITORY_FILE"));

    /// <summary>The store of an address, with retries and limits.</summary>
    public static OpenedStore OpenStore(VerbContext context, VaultAddress address)
    {
        var http = address.Server is null ? null : NewHttp();
        IBlobStore store = address.Server is { } server
            ? new VaultBlobStore(http!, server, address.UserName, address.Secret, context.Time)
            : new DiskBlobStore(address.Directory!);
        var (upload, download) = (context.Get(SharedOptions.LimitUpload), context.Get(SharedOptions.LimitDownload));
        var paced = upload is null && download is null ? store
            : new PacedBlobStore(
                store, context.Time, BytesOf(upload, SharedOptions.LimitUpload.Name), BytesOf(download, SharedOptions.LimitDownload.Name));
        return new OpenedStore(
            address, store, Retry(context, paced, new RetryOptions().GiveUpAfter), Retry(context, store, FirstAnswer), http);
    }

    /// <summary>How the vault is worked with.</summary>
    public static VaultOptions OptionsOf(VerbContext context, OpenedStore opened, bool hasCache) => new()
    {
        Connections = opened.IsLocal ? LocalConnections : new VaultOptions().Connections,
        Time = context.Time,
        Cache = hasCache && !context.Get(SharedOptions.NoCache) ? new(CacheDirectoryOf(context)) : null,
        KeyHint = context.Get(SharedOptions.KeyHint) ?? Variables.Get("KEY_HINT"),
        CompressionLevel = CompressionOf(context.Get(SharedOptions.Compression) ?? Variables.Get("COMPRESSION") ?? "auto"),
        VerifyBlobs = !context.Get(SharedOptions.NoExtraVerify),
        PackSize = PackSizeOf(context.Get(SharedOptions.PackSize)?.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ?? Variables.Get("PACK_SIZE") ?? "16"),
        Notice = context.Terminal.Warn,
    };

    /// <summary>Where copies of all vaults are. In a directory that restic uses as well they have one of their own.</summary>
    public static string CacheDirectoryOf(VerbContext context) =>
        context.Get(SharedOptions.CacheDirectory)
        ?? Variables.NotEmpty("HALLEY_CACHE_DIR")
        ?? Path.Combine(
            Variables.NotEmpty("RESTIC_CACHE_DIR")
            ?? Variables.NotEmpty("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "halley");

    private static async Task<Vault> OpenAsync(
        VerbContext context, VaultAddress address, IBlobStore store, VaultOptions options, CancellationToken cancellationToken)
    {
        using var password = await Password.ReadAsync(context, address, isNew: false, cancellationToken);
        return await Vault.OpenAsync(store, password.Characters, options, cancellationToken);
    }

    /// <summary>Locks a vault, and waits for others as long as <c>--retry-lock</c> says.</summary>
    public static Task<VaultLock> LockAsync(VerbContext context, Vault vault, bool isExclusive, CancellationToken cancellationToken) =>
        RetryAsync(
            context,
            async () =>
            {
                var outcome = await vault.LockAsync(isExclusive, cancellationToken);
                return (outcome.Lock, outcome.Conflicts);
            },
            cancellationToken);

    private static string OwnersOf(IReadOnlyList<LockEntry> conflicts) => string.Join(
        " and ", conflicts.Select(conflict => conflict.Lock?.Owner ?? $"a lock that cannot be read ({conflict.Id.ShortText})").Take(2));

    private static RetryingBlobStore Retry(VerbContext context, IBlobStore store, TimeSpan giveUpAfter) =>
        new(store, context.Time, RetryOptionsOf(context) with { GiveUpAfter = giveUpAfter });

    /// <summary>How often calls are repeated. Each pause is a warning on the terminal.</summary>
    public static RetryOptions RetryOptionsOf(VerbContext context) => new()
    {
        OnRetry = (error, pause) =>
            context.Terminal.Warn($"{Failure.Sentence(error.Message)} Next attempt in {Math.Ceiling(pause.TotalSeconds):0} s."),
    };

    /// <summary>The proxy for connections to servers; null for none.</summary>
    public static IWebProxy? Proxy => ProxyChoice.Of(Variables.NotEmpty("HALLEY_PROXY"));

    /// <summary>Connections to a server.</summary>
    public static HttpClient NewHttp()
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // it would take the key elsewhere
            Proxy = Proxy,
            UseProxy = Proxy is not null,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd(HalleyCommand.ProductToken);
        return http;
    }

    private static string? FileOf(string? path)
    {
        try
        {
            return path is null ? null : File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The file with the address of the vault cannot be read: {error.Message}");
        }
    }

    private static long? BytesOf(int? kibibytes, string option) => kibibytes switch
    {
        null => null,
        > 0 => kibibytes * 1024L,
        _ => throw new CommandException($"{option} needs a number of KiB per second, 1 or more."),
    };

    private static int CompressionOf(string text) => text switch
    {
        "auto" => new VaultOptions().CompressionLevel,
        "off" => 0,
        "max" => MaxCompression,
        _ when int.TryParse(text, out var level) && level is >= 1 and <= MaxCompression => level,
        _ => throw new CommandException($"'{text}' is not a compression. Use off, auto, max, or a level from 1 to {MaxCompression}."),
    };

    private static int PackSizeOf(string text) => int.TryParse(text, out var mebibytes) && mebibytes is >= 4 and <= 128
        ? mebibytes << 20
        : throw new CommandException($"'{text}' is not a valid pack size. Use a number of MiB from 4 to 128.");
}
