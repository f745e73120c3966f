namespace Halley.Server.AuthRole.Sessions;

/// <summary>Removes expired sessions. Any number of instances may run it.</summary>
internal sealed class ExpiredAccountSessionsWork(AccountSessions sessions)
{
    private const int AtOnce = 500;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await sessions.RemoveExpiredAsync(AtOnce, cancellationToken) == AtOnce)
        {
        }
    }
}
