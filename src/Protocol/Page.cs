namespace Halley.Protocol;

/// <summary>One page of a listing.</summary>
/// <param name="Items">The entries, at most as many as were asked for; never null.</param>
/// <param name="Next">Opaque text to pass as <c>?after=</c> for the following page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
