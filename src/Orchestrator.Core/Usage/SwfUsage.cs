using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Usage;

/// <summary>Use from a log in the Standard Workload Format. Its moments are those of the header (<c>UnixStartTime</c>); where it has none, of 1970.</summary>
public static class SwfUsage
{
    private const int ProblemsMax = 20;

    /// <exception cref="Replay.WorkloadException">Lines that cannot be read, the first ones of them by number and field.</exception>
    public static UsageImport Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = DateTimeOffset.UnixEpoch;
        var records = new Dictionary<string, UsageRecord>(StringComparer.Ordinal);
        var problems = new List<string>();
        var (line, unstarted, repeated, parts) = (0, 0, 0, 0);
        while (text.ReadLine() is { } row)
        {
            line++;
            if (row.StartsWith(';'))
            {
                var at = row.IndexOf("UnixStartTime:", StringComparison.OrdinalIgnoreCase);
                if (at >= 0 && long.TryParse(row[(at + 14)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var unix))
                {
                    start = DateTimeOffset.FromUnixTimeSeconds(unix);
                }

                continue;
            }

            var cells = row.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length == 0)
            {
                continue;
            }

            var numbers = new double[18];
            var bad = cells.Length != 18 ? 0 : Array.FindIndex(cells, static cell => !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) + 1;
            if (cells.Length != 18 || bad > 0)
            {
                if (problems.Count < ProblemsMax)
                {
                    problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {(bad > 0 ? $"field {bad}: '{cells[bad - 1]}' is not a number" : $"{cells.Length} fields; a job has 18")}"));
                }

                continue;
            }

            for (var at = 0; at < 18; at++)
            {
                numbers[at] = double.Parse(cells[at], CultureInfo.InvariantCulture);
            }

            if (numbers[10] is 2 or 3 or 4)
            {
                parts++;
            }
            else if (numbers[3] <= 0 || (numbers[4] <= 0 && numbers[7] <= 0) || numbers[1] < 0)
            {
                unstarted++;
            }
            else if (!records.TryAdd(cells[0], Record(start, cells, numbers)))
            {
                repeated++;
            }
        }

        if (problems.Count > 0)
        {
            throw new Replay.WorkloadException(string.Join(Environment.NewLine, problems));
        }

        var notes = ImmutableArray.CreateBuilder<string>();
        Note(notes, unstarted, "never ran or had no processors: left out");
        Note(notes, parts, "part of another job: left out");
        Note(notes, repeated, "there already: counted once");
        return new UsageImport { Records = [.. records.Values.OrderBy(static record => record.From).ThenBy(static record => record.Task, StringComparer.Ordinal)], Notes = notes.ToImmutable() };
    }

    internal static void Note(ImmutableArray<string>.Builder notes, int count, string what)
    {
        if (count > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{count} job{(count == 1 ? "" : "s")} {what}"));
        }
    }

    private static UsageRecord Record(DateTimeOffset start, string[] cells, double[] numbers)
    {
        var submitted = start.AddSeconds(numbers[1]);
        var from = submitted.AddSeconds(Math.Max(0, numbers[2]));
        var cores = numbers[4] > 0 ? numbers[4] : numbers[7];
        return new UsageRecord
        {
            From = from,
            Until = from.AddSeconds(numbers[3]),
            Submitted = submitted,
            Limit = numbers[8] > 0 ? TimeSpan.FromSeconds(numbers[8]) : null,
            User = Known(cells[11]),
            Project = Known(cells[12]),
            Simulation = "",
            Stage = Known(cells[13]),
            Task = cells[0],
            CoresHeld = cores,
            MemoryHeld = numbers[9] > 0 ? numbers[9] * 1024 * cores : 0,
            Amounts = new UsageAmounts
            {
                Cores = cores * numbers[3],
                Memory = numbers[6] > 0 ? numbers[6] * 1024 * cores * numbers[3] : 0,
                Busy = numbers[5] > 0 ? numbers[5] * cores : 0,
                Attempts = 1,
            },
        };
    }

    private static string Known(string cell) => cell.StartsWith('-') ? "" : cell;
}
