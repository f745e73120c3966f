using System.Globalization;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Live.Commands;

namespace Halley.Server.Live.Devices;

/// <summary>What operators do with commands to devices: give, list, get and withdraw them.</summary>
internal sealed class CommandActions(
    LiveDeviceActions devices, LiveDevices connected, DeviceCommands commands, CommandStore store, TimeProvider time)
{
    private const int LongestWait = 60;
    private const int ShortestTtl = 10;
    private const int LongestTtl = 30 * 24 * 60 * 60;
    private const int DefaultTtl = 60 * 60;

    private static readonly Refusal NotFound = Refusal.NotFound("command_not_found", "There is no command with this id.");

    private static readonly Refusal NotConnected = Refusal.Conflict(
        "device_not_connected", "The device is not connected; with waitForDevice the server keeps the command until it connects.");

    private static readonly Refusal WasSent = Refusal.Conflict(
        "command_was_sent", "The device already has the command, or the command has ended, so it can't be withdrawn.");

    /// <summary>Gives a device a command, and returns it after the wait that the request asks for.</summary>
    /// <param name="username">The account of the device; null when its id is unique within what the caller may see.</param>
    public async Task<Outcome<DeviceCommandInfo>> GiveAsync(
        Caller caller, string deviceId, string? username, GiveCommand request, CancellationToken cancellationToken)
    {
        var arguments = request.Arguments is { } document ? document.GetRawText() : "{}";
        if (CommandCatalog.Find(request.Kind ?? "") is not { } kind)
        {
            var names = string.Join(", ", CommandCatalog.Names.Order(StringComparer.Ordinal));
            return Refusal.Invalid("kind_unknown", $"kind must be one of {names}.");
        }

        if (Check(request, kind, arguments) is { } invalid)
        {
            return invalid;
        }

        if (!(await devices.FindAsync(caller, deviceId, username, cancellationToken)).TryGet(out var device, out var refusal))
        {
            return refusal;
        }

        if (!request.WaitForDevice && connected.Find(device.Key) is null)
        {
            return NotConnected;
        }

        var ttl = TimeSpan.FromSeconds(request.TtlSeconds ?? DefaultTtl);
        var (command, giving) = await commands.AddAsync(new CommandRequest(device, kind, arguments, ttl, caller.Name), cancellationToken);
        if (request.WaitSeconds > 0)
        {
            await giving.WaitAsync(TimeSpan.FromSeconds(request.WaitSeconds), time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            command = await store.FindAsync(command.Id, caller.Scope, cancellationToken) ?? command;
        }

        return ToWire(command);
    }

    /// <summary>Lists the commands of a device, the newest first, without their answers.</summary>
    /// <param name="after">The <see cref="Page{T}.Next"/> of the page before; null for the first page.</param>
    public async Task<Outcome<Page<DeviceCommandInfo>>> ListAsync(
        Caller caller, string deviceId, string? username, string? after, int count, CancellationToken cancellationToken)
    {
        DateTime? before = null;
        if (after is not null)
        {
            if (!DateTime.TryParseExact(after, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var given))
            {
                return Refusal.Invalid("after_invalid", "after must be the next of the page before.");
            }

            before = given.ToUniversalTime();
        }

        if (!(await devices.FindAsync(caller, deviceId, username, cancellationToken)).TryGet(out var device, out var refusal))
        {
            return refusal;
        }

        var found = await store.ListAsync(device.Key, before, count + 1, cancellationToken);
        return Paging.Page(found, count, ToWire, command => command.CreatedAt.ToString("O", CultureInfo.InvariantCulture));
    }

    /// <summary>Returns a command with its answer.</summary>
    public async Task<Outcome<DeviceCommandInfo>> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, caller.Scope, cancellationToken) is { } command ? ToWire(command) : NotFound;

    /// <summary>Withdraws a command that was not sent to its device yet. Doing so again changes nothing.</summary>
    public async Task<Refusal?> WithdrawAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, caller.Scope, cancellationToken) is not { } command ? NotFound
        : command.State == CommandStates.Withdrawn || await store.WithdrawAsync(id, cancellationToken) ? null
        : WasSent;

    private static Refusal? Check(GiveCommand request, CommandKind kind, string arguments) =>
        kind.ProblemWith(arguments) is { } problem ? Refusal.Invalid("arguments_invalid", problem)
        : request.TtlSeconds is < ShortestTtl or > LongestTtl
            ? Refusal.Invalid("ttl_invalid", $"ttlSeconds must be from {ShortestTtl} to {LongestTtl}.")
        : request.WaitSeconds is < 0 or > LongestWait ? Refusal.Invalid("wait_invalid", $"waitSeconds must be from 0 to {LongestWait}.")
        : null;

    private DeviceCommandInfo ToWire(StoredCommand command) => new(
        command.Id, command.Username, command.DeviceId, command.Kind, SubjectOf(store.Open(command.Arguments)), command.State,
        store.Open(command.Answer) is { Length: > 0 } answer ? JsonSerializer.Deserialize<JsonElement>(answer) : null,
        command.Code, command.Message, command.Actor, command.CreatedAt, command.ExpiresAt, command.SentAt, command.EndedAt);

    private static string SubjectOf(string? arguments)
    {
        if (string.IsNullOrEmpty(arguments))
        {
            return "";
        }

        using var document = JsonDocument.Parse(arguments);
        return TextOf(document.RootElement, nameof(RunRuleArguments.Rule))
            ?? TextOf(document.RootElement, nameof(VaultArguments.Destination))
            ?? "";
    }

    private static string? TextOf(JsonElement arguments, string field) =>
        arguments.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
