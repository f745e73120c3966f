namespace Halley.Storage.Trash;

/// <summary>A folder or file below a volume's trash that cannot be read.</summary>
/// <param name="Path">Its path on the volume, such as <c>.trash/files/BUCKET/data</c>.</param>
/// <param name="Reason">The cause, in one sentence.</param>
public readonly record struct UnreadableTrash(string Path, string Reason);
