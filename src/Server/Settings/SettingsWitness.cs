using Halley.Server.Data;

namespace Halley.Server.Settings;

/// <summary>Records each change of the settings in the transaction that stores it.</summary>
internal abstract class SettingsWitness
{
    /// <param name="actor">Who changed them; empty for the server itself.</param>
    public abstract void Record(ServerDbContext database, string actor);
}
