namespace Orchestrator.Cli.Terminal;

/// <summary>Aligned columns with a heading; readable, and easy to cut with awk.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];

    public int Count => rows.Count;

    public void Add(params string[] cells) => rows.Add(cells);

    /// <param name="output">Gets a line for each row.</param>
    /// <param name="style">For the heading and words of status.</param>
    /// <param name="statusColumn">The column that is painted; -1: none.</param>
    public void Write(TextWriter output, Style style, int statusColumn = -1)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        output.WriteLine(style.Dim(Line(headings, widths, style, -1)));
        foreach (var row in rows)
        {
            output.WriteLine(Line(row, widths, style, statusColumn));
        }
    }

    private static string Line(string[] cells, int[] widths, Style style, int statusColumn) =>
        string.Join("  ", cells.Select((cell, column) =>
        {
            var padding = column == cells.Length - 1 ? "" : new string(' ', widths[column] - cell.Length);
            return (column == statusColumn ? style.Status(cell) : cell) + padding;
        })).TrimEnd();
}
