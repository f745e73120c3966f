namespace Halley.Server.AdminWeb.Browser;

/// <summary>
/// A row of a table. It equals the earlier row of the same thing, so a refresh changes the text of the row on the screen. A table of plain
/// values replaces a row whenever a value differs, and a click, the keyboard focus or a selection in that row is lost.
/// </summary>
/// <param name="id">What identifies the thing.</param>
/// <param name="value">The thing as it is now.</param>
internal sealed class Row<T>(object id, T value) : IEquatable<Row<T>>
{
    private readonly object _id = id;

    public T Value => value;

    public bool Equals(Row<T>? other) => other is not null && _id.Equals(other._id);

    public override bool Equals(object? obj) => Equals(obj as Row<T>);

    public override int GetHashCode() => _id.GetHashCode();
}

/// <summary>Makes the rows of a table.</summary>
internal static class Row
{
    /// <summary>A row for each thing, in the given order.</summary>
    public static List<Row<T>> Of<T>(IEnumerable<T> things, Func<T, object> id) =>
        [.. things.Select(thing => new Row<T>(id(thing), thing))];
}
