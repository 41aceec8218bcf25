using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Core.Failures;

/// <summary>
/// Failures of nodes as a site wrote them down: a table with a heading, plain or gzip. The columns are known by their names, those of Los Alamos ("System", "nodenum", "Prob Started",
/// "Prob Fixed", "Down Time" in minutes) or "system", "node", "started", "down_minutes"; others are ignored.
/// </summary>
public sealed record FailureLog
{
    private static readonly string[] Moments = ["M/d/yyyy H:mm", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd HH:mm"];

    public ImmutableArray<NodeFailure> Failures { get; init; } = [];

    /// <summary>Only those of one system.</summary>
    public FailureLog Of(string system) => new() { Failures = [.. Failures.Where(failure => failure.System == system)] };

    /// <summary>Times between two failures of the same node, node by node.</summary>
    public IEnumerable<TimeSpan> Intervals()
    {
        foreach (var node in Failures.GroupBy(static failure => (failure.System, failure.Node)))
        {
            DateTime? before = null;
            foreach (var at in node.Select(static failure => failure.Started).Order())
            {
                if (before is { } last)
                {
                    yield return at - last;
                }

                before = at;
            }
        }
    }

    /// <summary>How long nodes were down, where it is known.</summary>
    public IEnumerable<TimeSpan> Repairs() => Failures.Where(static failure => failure.Down is not null).Select(static failure => failure.Down!.Value);

    /// <exception cref="FormatException">It is no such table; the message names the line and the column.</exception>
    public static FailureLog Read(Stream content, string name)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            using var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(content, CompressionMode.Decompress) : content;
            using var reader = new StreamReader(plain, Encoding.UTF8);
            return Read(reader, name);
        }
        catch (InvalidDataException fault)
        {
            throw new FormatException($"{name}: it is no gzip file, or cut off: {fault.Message}", fault);
        }
    }

    private static FailureLog Read(StreamReader reader, string name)
    {
        var heading = Fields(reader.ReadLine() ?? "");
        var system = Column("System", "system");
        var node = Column("nodenum", "node");
        var started = Column("Prob Started", "started");
        var down = Column("Down Time", "down_minutes");
        if (node < 0 || started < 0)
        {
            throw new FormatException($"{name}:1: a heading with the columns node (or nodenum) and started (or Prob Started) is needed");
        }

        var failures = ImmutableArray.CreateBuilder<NodeFailure>();
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
            {
                continue;
            }

            var fields = Fields(text);
            if (fields.Count < heading.Count)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: it has {fields.Count} columns, the heading has {heading.Count}"));
            }

            if (!DateTime.TryParseExact(fields[started], Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {heading[started]}: '{fields[started]}' is no moment such as 2026-06-01T12:00:00Z"));
            }

            failures.Add(new(system < 0 ? "" : fields[system], fields[node], at, down < 0 ? null : Down(fields[down], line)));
        }

        return new() { Failures = failures.ToImmutable() };

        int Column(string one, string other) => heading.FindIndex(column => column == one || column == other);

        TimeSpan? Down(string text, int line) => text.Length == 0
            ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is >= 0 and <= 1e8
                ? TimeSpan.FromMinutes(minutes)
                : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {heading[down]}: '{text}' is no number of minutes"));
    }

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        foreach (var letter in line)
        {
            if (letter == '"')
            {
                quoted = !quoted;
            }
            else if (letter == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(letter);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}

/// <summary>One failure of one node.</summary>
/// <param name="System">The machine of which it is a node; "": there is only one.</param>
/// <param name="Node">Its name or number.</param>
/// <param name="Started">When it failed.</param>
/// <param name="Down">How long it was down; null: nobody wrote it down.</param>
public readonly record struct NodeFailure(string System, string Node, DateTime Started, TimeSpan? Down);
