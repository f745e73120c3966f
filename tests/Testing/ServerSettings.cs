namespace Halley.Testing;

/// <summary>How a <see cref="ServerProcess"/> is started.</summary>
public sealed record ServerSettings
{
    /// <summary>Null for a fresh one that is deleted with the process object.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Options by their name in the documentation, for example <c>Halley:Database:Provider</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Path that must return 200 before the start counts as done; a server with a missing volume never gets ready.</summary>
    public string WaitFor { get; init; } = "/readyz";
}
