using Halley.Client.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Agent;

/// <summary>A state directory of a machine that is signed in, and a clock.</summary>
internal sealed class AgentState : IDisposable
{
    public const string Username = "anna";

    private readonly TemporaryDirectory _directory = new();

    public AgentState()
    {
        State = new StateDirectory(_directory.Path);
        State.Save(new SignedInAccount(
            new Uri("http://127.0.0.1:9/"), Username, DeviceId, "session", DateTime.UnixEpoch, SealedKeys: null));
    }

    public string DeviceId { get; } = Guid.NewGuid().ToString();

    public StateDirectory State { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Dispose();
}
