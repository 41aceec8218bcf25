using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Usage;

/// <summary>
/// Use from Slurm's accounting: the output of <c>sacct -P</c> (or <c>--parsable</c>) with its heading. Of the columns JobID and Start with End or Elapsed are needed, and AllocCPUS (or NCPUS) or CPUTimeRAW; Submit, User,
/// Account, JobName, AllocNodes (or NNodes), AllocTRES, TotalCPU, MaxRSS, NTasks, TRESUsageInTot, ConsumedEnergyRaw, Timelimit, NodeList and State are used where they are there. Times without a zone are
/// taken as UTC, which sacct prints with <c>TZ=UTC</c>; how long a job ran is taken from Elapsed or ElapsedRaw before its end, since local clocks are set back. Steps (<c>7.batch</c>) give their job
/// what only steps know, and are no jobs.
/// </summary>
public static class SacctUsage
{
    private const int ProblemsMax = 20;

    /// <exception cref="Replay.WorkloadException">Columns that are missing, or lines that cannot be read, by number and column.</exception>
    public static UsageImport Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var heading = (text.ReadLine() ?? throw new Replay.WorkloadException($"{name}: the file is empty; the output of sacct -P with its heading is needed")).Split('|');
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < heading.Length; at++)
        {
            columns.TryAdd(heading[at].Trim(), at);
        }

        var missing = new List<string>();
        Need("JobID");
        Need("Start");
        Need("End", "Elapsed", "ElapsedRaw");
        Need("AllocCPUS", "NCPUS", "CPUTimeRAW");
        if (missing.Count > 0)
        {
            throw new Replay.WorkloadException($"{name}:1: no column {string.Join("; no column ", missing)}; there are {string.Join(", ", heading.Where(static each => each.Length > 0))} (TZ=UTC sacct -P -a -o JobID,User,Account,JobName,Submit,Start,End,Elapsed,AllocCPUS,AllocNodes,AllocTRES,TotalCPU,MaxRSS,NTasks,Timelimit,State)");
        }

        void Need(params string[] any)
        {
            if (!any.Any(columns.ContainsKey))
            {
                missing.Add(string.Join(" or ", any));
            }
        }

        var jobs = new Dictionary<string, UsageRecord>(StringComparer.Ordinal);
        var memory = new Dictionary<string, (double Peak, bool IsWhole)>(StringComparer.Ordinal);
        var problems = new List<string>();
        var (line, unstarted, running, repeated) = (1, 0, 0, 0);
        while (text.ReadLine() is { } row)
        {
            line++;
            if (row.Length == 0)
            {
                continue;
            }

            var cells = row.Split('|');
            if (cells.Length < heading.Length - 1)
            {
                Wrong("line", string.Create(CultureInfo.InvariantCulture, $"{cells.Length} cells; the heading has {heading.Length}"));
                continue;
            }

            if (cells.Length > heading.Length + (cells[^1].Length == 0 ? 1 : 0))
            {
                Wrong("line", string.Create(CultureInfo.InvariantCulture, $"{cells.Length} cells; the heading has {heading.Length}: is there a '|' in a name? Print it without JobName"));
                continue;
            }

            string Cell(params string[] any)
            {
                foreach (var column in any)
                {
                    if (columns.TryGetValue(column, out var at) && at < cells.Length && cells[at].Trim() is { Length: > 0 } cell)
                    {
                        return cell;
                    }
                }

                return "";
            }

            var id = Cell("JobID");
            if (id.Length == 0)
            {
                Wrong("JobID", "it is empty");
                continue;
            }

            if (Memory(Cell("TRESUsageInTot"), Cell("MaxRSS"), Cell("NTasks"), Cell("AllocCPUS", "NCPUS")) is { } measured)
            {
                var owner = id.Split('.')[0];
                var known = memory.GetValueOrDefault(owner, (Peak: 0.0, IsWhole: true));
                memory[owner] = (Math.Max(known.Peak, measured.Peak), known.IsWhole && measured.IsWhole);
            }

            if (id.Contains('.', StringComparison.Ordinal))
            {
                continue;
            }

            if (Moment(Cell("Start")) is not { } from)
            {
                if (IsNothing(Cell("Start")))
                {
                    unstarted++;
                }
                else
                {
                    Wrong("Start", $"'{Cell("Start")}' is no time; allowed: 2024-03-01T08:00:00, or Unknown");
                }

                continue;
            }

            var elapsed = Duration(Cell("Elapsed")) ?? (double.TryParse(Cell("ElapsedRaw"), NumberStyles.Float, CultureInfo.InvariantCulture, out var raw) ? TimeSpan.FromSeconds(raw) : null);
            if ((from + elapsed ?? Moment(Cell("End"))) is not { } until || (IsNothing(Cell("End")) && Cell("State").StartsWith("RUNNING", StringComparison.OrdinalIgnoreCase)))
            {
                running++;
                continue;
            }

            if (until < from)
            {
                Wrong("End", $"{Cell("End")} is before the start {Cell("Start")}");
                continue;
            }

            var wall = (until - from).TotalSeconds;
            if (!double.TryParse(Cell("AllocCPUS", "NCPUS"), NumberStyles.Float, CultureInfo.InvariantCulture, out var cores))
            {
                cores = double.TryParse(Cell("CPUTimeRAW"), NumberStyles.Float, CultureInfo.InvariantCulture, out var coreSeconds) && wall > 0 ? coreSeconds / wall : -1;
            }

            if (cores < 0 && wall > 0)
            {
                Wrong("AllocCPUS", $"'{Cell("AllocCPUS", "NCPUS")}' is no number of processors");
                continue;
            }

            var names = Cell("NodeList") is var list && IsNothing(list) ? [] : NodeListText.Expand(list);
            var nodes = double.TryParse(Cell("AllocNodes", "NNodes"), NumberStyles.Float, CultureInfo.InvariantCulture, out var count) ? count : Tres(Cell("AllocTRES"), "node") ?? 1;
            var record = new UsageRecord
            {
                From = from,
                Until = until,
                Submitted = Moment(Cell("Submit")),
                Limit = Duration(Cell("Timelimit")),
                User = Cell("User"),
                Project = Cell("Account"),
                Institution = Cell("Cluster"),
                Stage = Cell("JobName"),
                Task = id,
                Node = names.IsEmpty ? "" : names[0],
                Nodes = names.Length > 1 ? names : [],
                CoresHeld = Math.Max(0, cores),
                MemoryHeld = Bytes(TresText(Cell("AllocTRES"), "mem")) is > 0 and < 1e18 and var held ? held : 0,
                Amounts = new UsageAmounts
                {
                    Cores = Math.Max(0, cores) * wall,
                    Gpus = (Tres(Cell("AllocTRES"), "gres/gpu") ?? 0) * wall,
                    Nodes = nodes * wall,
                    Energy = double.TryParse(Cell("ConsumedEnergyRaw"), NumberStyles.Float, CultureInfo.InvariantCulture, out var joules) && joules is > 0 and < 1e15 ? joules : 0,
                    Busy = Duration(Cell("TotalCPU"))?.TotalSeconds ?? 0,
                    Attempts = 1,
                },
            };
            if (!jobs.TryAdd($"{id}@{from.UtcTicks}", record))
            {
                repeated++;
            }
        }

        if (problems.Count > 0)
        {
            throw new Replay.WorkloadException(string.Join(Environment.NewLine, problems));
        }

        void Wrong(string column, string problem)
        {
            if (problems.Count < ProblemsMax)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {column}: {problem}"));
            }
        }

        var notes = ImmutableArray.CreateBuilder<string>();
        SwfUsage.Note(notes, unstarted, "never started: left out");
        SwfUsage.Note(notes, running, "not ended: left out");
        SwfUsage.Note(notes, repeated, "there already: counted once");
        return new UsageImport
        {
            Records =
            [
                .. jobs.Values.Select(job => memory.TryGetValue(job.Task, out var found) ? job with { IsMemoryWhole = found.IsWhole, Amounts = job.Amounts with { Memory = found.Peak * (job.Until - job.From).TotalSeconds } } : job)
                    .OrderBy(static job => job.From).ThenBy(static job => job.Task, StringComparer.Ordinal),
            ],
            Notes = notes.ToImmutable(),
        };
    }

    /// <summary><c>[D-]HH:MM:SS[.mmm]</c> or <c>MM:SS</c>; null: none, or without limit.</summary>
    internal static TimeSpan? Duration(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var days = 0.0;
        if (dash > 0 && !double.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out days))
        {
            return null;
        }

        var parts = text[(dash + 1)..].Split(':');
        if (parts.Length is < 2 or > 3)
        {
            return null;
        }

        var seconds = 0.0;
        foreach (var part in parts)
        {
            if (!double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            seconds = (seconds * 60) + number;
        }

        return TimeSpan.FromSeconds((days * 86_400) + seconds);
    }

    private static bool IsNothing(string cell) => cell.Length == 0 || cell.StartsWith("None", StringComparison.OrdinalIgnoreCase) || cell.Equals("Unknown", StringComparison.OrdinalIgnoreCase);

    private static DateTimeOffset? Moment(string cell) =>
        DateTimeOffset.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
        : long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var unix) ? DateTimeOffset.FromUnixTimeSeconds(unix) : null;

    /// <summary>One amount of <c>cpu=8,mem=4G,node=2,gres/gpu=1</c>.</summary>
    private static double? Tres(string text, string key) => double.TryParse(TresText(text, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string TresText(string text, string key)
    {
        foreach (var part in text.Split(','))
        {
            if (part.Split('=') is [var name, var value] && name == key)
            {
                return value;
            }
        }

        return "";
    }

    /// <summary>
    /// The peak of a step in bytes. TRESUsageInTot has the sum over its tasks; MaxRSS is that of the largest task, so that all of them had at most so many times as much. Without the number of tasks it is
    /// that of the step only where there is one processor, else that of a part of it. Null: nothing was measured.
    /// </summary>
    private static (double Peak, bool IsWhole)? Memory(string total, string largest, string tasks, string processors)
    {
        if (Bytes(TresText(total, "mem")) is > 0 and var sum)
        {
            return (sum, true);
        }

        return Bytes(largest) is not (> 0 and var peak) ? null
            : double.TryParse(tasks, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 ? (peak * count, true)
            : (peak, processors == "1");
    }

    /// <summary><c>123456K</c>, <c>1.5G</c>; null: nothing was measured.</summary>
    private static double? Bytes(string text)
    {
        var unit = text.Length == 0 ? -1 : "KMGTP".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        return double.TryParse(unit < 0 ? text : text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * Math.Pow(1024, unit + 1) : null;
    }
}
