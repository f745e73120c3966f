namespace Halley.Cli.Output;

/// <summary>Rows under a heading, each column as wide as its longest cell.</summary>
internal sealed class Table(params IReadOnlyList<string> heading)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Add(params IReadOnlyList<string> cells) => _rows.Add([.. cells.Select(Terminal.Printable)]);

    /// <summary>A cell may have several lines: the further ones stand below it.</summary>
    public void Add(IReadOnlyList<string> cells, IReadOnlyList<string> lines, int column)
    {
        for (var i = 0; i < Math.Max(1, lines.Count); i++)
        {
            var line = i < lines.Count ? lines[i] : "";
            Add([.. cells.Select((cell, at) => at == column ? line : i == 0 ? cell : "")]);
        }
    }

    public void PrintTo(Terminal terminal)
    {
        var widths = heading.Select((title, column) => _rows.Select(row => row[column].Length).Append(title.Length).Max()).ToList();
        terminal.Print(Line(heading, widths));
        terminal.Print(new string('-', Math.Min(widths.Sum() + (2 * (widths.Count - 1)), 120)));
        foreach (var row in _rows)
        {
            terminal.Print(Line(row, widths));
        }
    }

    private static string Line(IReadOnlyList<string> cells, List<int> widths) =>
        string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
}
