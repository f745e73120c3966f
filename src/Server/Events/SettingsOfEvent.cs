using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Settings;

namespace Halley.Server.Events;

/// <summary>The settings in events about a change of them.</summary>
internal sealed class SettingsOfEvent(ServerSettings settings) : EventObject
{
    public override IReadOnlyCollection<StreamableEventType> Types { get; } = [StreamableEventType.ServerUpdated];

    public override Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken) =>
        Task.FromResult<CometDocument?>(settings.Current);
}

/// <summary>Records each change of the settings as an event.</summary>
internal sealed class SettingsEvents(TimeProvider time) : SettingsWitness
{
    public override void Record(ServerDbContext database, string actor) =>
        database.Add(EventRecord.Of(StreamableEventType.ServerUpdated, time.GetUtcNow(), actor, organizationId: "", resourceId: ""));
}
