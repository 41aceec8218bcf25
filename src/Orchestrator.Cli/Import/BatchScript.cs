using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Import;

/// <summary>What the header of a batch script asks for.</summary>
internal sealed partial record BatchScript
{
    /// <summary>Slurm, PBS or LSF.</summary>
    public string System { get; init; } = "";

    public string? Name { get; init; }

    public int Nodes { get; init; } = 1;

    public int RanksPerNode { get; init; } = 1;

    public int Threads { get; init; } = 1;

    public int Gpus { get; init; }

    /// <summary>Of each node, as campaigns write sizes; null: not asked for.</summary>
    public string? Memory { get; init; }

    /// <summary>As campaigns write durations; null: not asked for.</summary>
    public string? Walltime { get; init; }

    /// <summary>The indices of an array, in order, each once; null: it is none.</summary>
    public IReadOnlyList<int>? Members { get; init; }

    /// <summary>Header lines that have no counterpart here.</summary>
    public IReadOnlyList<string> NotTaken { get; init; } = [];

    /// <summary>Reads the lines that begin with <c>#SBATCH</c>, <c>#PBS</c> or <c>#BSUB</c>; null: there is none.</summary>
    public static BatchScript? Read(IEnumerable<string> lines)
    {
        var script = new BatchScript();
        var notTaken = new List<string>();
        int? tasks = null;
        foreach (var line in lines)
        {
            if (Header().Match(line) is not { Success: true } header)
            {
                continue;
            }

            script = script with { System = header.Groups[1].Value switch { "SBATCH" => "Slurm", "PBS" => "PBS", _ => "LSF" } };
            foreach (Match option in (script.System == "LSF" ? LsfOption() : Option()).Matches(header.Groups[2].Value))
            {
                var (name, value) = (option.Groups["name"].Value, option.Groups["value"].Value.Trim().Trim('"', '\''));
                var taken = script.System switch
                {
                    "Slurm" => script.TakeSlurm(name, value, ref tasks),
                    "PBS" => script.TakePbs(name, value),
                    _ => script.TakeLsf(name, value, ref tasks),
                };
                if (taken is null)
                {
                    notTaken.Add($"{name} {value}".Trim());
                }
                else
                {
                    script = taken;
                }
            }
        }

        if (script.System.Length == 0)
        {
            return null;
        }

        if (tasks is { } all && script.RanksPerNode == 1)
        {
            script = script with { RanksPerNode = Math.Max(1, (all + script.Nodes - 1) / script.Nodes) };
        }

        return script with { NotTaken = notTaken };
    }

    private BatchScript? TakeSlurm(string name, string value, ref int? tasks)
    {
        switch (name)
        {
            case "-J" or "--job-name":
                return this with { Name = value };
            case "-N" or "--nodes":
                return Count(value.Split('-')[0]) is { } nodes ? this with { Nodes = nodes } : null;
            case "-n" or "--ntasks" when Count(value) is { } count:
                tasks = count;
                return this;
            case "--ntasks-per-node":
                return Count(value) is { } ranks ? this with { RanksPerNode = ranks } : null;
            case "-c" or "--cpus-per-task":
                return Count(value) is { } threads ? this with { Threads = threads } : null;
            case "--mem":
                return this with { Memory = Size(value) };
            case "-t" or "--time":
                return Minutes().IsMatch(value) ? this with { Walltime = $"{value}m" } : MinutesAndSeconds().IsMatch(value) ? this with { Walltime = $"00:{value}" } : this with { Walltime = value };
            case "--gpus-per-node" or "--gres" or "-G" or "--gpus":
                return Count(value.Split(':')[^1]) is { } gpus && (name != "--gres" || value.StartsWith("gpu", StringComparison.Ordinal)) ? this with { Gpus = name is "-G" or "--gpus" ? Math.Max(1, gpus / Nodes) : gpus } : null;
            case "-a" or "--array":
                return MembersOf(value) is { } members ? this with { Members = members } : null;
            default:
                return null;
        }
    }

    private BatchScript? TakePbs(string name, string value)
    {
        if (name == "-N")
        {
            return this with { Name = value };
        }

        if (name == "-J" && MembersOf(value) is { } array)
        {
            return this with { Members = array };
        }

        if (name != "-l")
        {
            return null;
        }

        var taken = this;
        foreach (var part in value.Split(',', ':'))
        {
            // walltime has colons of its own: read whole below.
            var pair = part.Split('=', 2);
            taken = (pair[0], pair.Length > 1 ? Count(pair[1]) : null) switch
            {
                ("select" or "nodes", { } nodes) => taken with { Nodes = nodes },
                ("ncpus", { } cores) => taken with { Threads = Math.Max(1, cores / taken.RanksPerNode) },
                ("mpiprocs" or "ppn", { } ranks) => taken with { RanksPerNode = ranks, Threads = Math.Max(1, taken.Threads / ranks) },
                ("ngpus", { } gpus) => taken with { Gpus = gpus },
                ("mem", _) when pair.Length > 1 => taken with { Memory = Size(pair[1]) },
                _ => taken,
            };
        }

        return PbsWalltime().Match(value) is { Success: true } walltime ? taken with { Walltime = walltime.Groups[1].Value } : taken;
    }

    private BatchScript? TakeLsf(string name, string value, ref int? tasks)
    {
        switch (name)
        {
            case "-J":
                var array = LsfArray().Match(value);
                return array.Success ? this with { Name = array.Groups[1].Value, Members = MembersOf(array.Groups[2].Value) } : this with { Name = value };
            case "-n" when Count(value.Split(',')[0]) is { } count:
                tasks = count;
                return this;
            case "-W":
                var time = value.Split('/')[0];
                return this with { Walltime = time.Contains(':', StringComparison.Ordinal) ? $"{time}:00" : $"{time}m" };
            case "-R" when LsfSpan().Match(value) is { Success: true } span:
                return span.Groups[1].Value == "ptile" && Count(span.Groups[2].Value) is { } each && tasks is { } all ? this with { RanksPerNode = each, Nodes = Math.Max(1, (all + each - 1) / each) } : this;
            default:
                return null;
        }
    }

    /// <summary>1-10, 0-99:3, 1,4,7-9%2: which they are.</summary>
    private static List<int>? MembersOf(string value)
    {
        const int most = 100_000;
        var all = new SortedSet<int>();
        foreach (var part in value.Split('%')[0].Split(','))
        {
            if (ArrayPart().Match(part) is not { Success: true } range)
            {
                return null;
            }

            var first = int.Parse(range.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var last = range.Groups[2].Success ? int.Parse(range.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : first;
            var step = range.Groups[3].Success ? int.Parse(range.Groups[3].ValueSpan, CultureInfo.InvariantCulture) : 1;
            if (step < 1 || (last - first) / step >= most)
            {
                return null;
            }

            for (var index = first; index <= last; index += step)
            {
                all.Add(index);
            }
        }

        return all.Count is >= 1 and <= most ? [.. all] : null;
    }

    private static int? Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;

    /// <summary>4G, 4gb and 4000 (megabytes) as campaigns write them; null: unlimited, or something else.</summary>
    private static string? Size(string text) => SizeShape().Match(text) is not { Success: true } size ? null
        : $"{size.Groups[1].Value}{(size.Groups[2].Length == 0 ? "M" : size.Groups[2].Value.ToUpperInvariant())}";

    [GeneratedRegex(@"^#\s?(SBATCH|PBS|BSUB)\s+([^#]*)")]
    private static partial Regex Header();

    /// <summary>An option of one letter may have its value attached: -N2.</summary>
    [GeneratedRegex(@"(?<!\S)(?:(?<name>--[A-Za-z][A-Za-z-]*)(?:[= ]+(?<value>""[^""]*""|'[^']*'|(?!-)\S+))?|(?<name>-[A-Za-z])[= ]*(?<value>""[^""]*""|'[^']*'|(?!-)\S+)?)")]
    private static partial Regex Option();

    /// <summary>Options of several letters have one dash too: -gpu. Only numbers are attached: -n16.</summary>
    [GeneratedRegex(@"(?<!\S)(?:(?<name>-[A-Za-z])(?<value>[0-9]\S*)|(?<name>--?[A-Za-z][A-Za-z-]*)(?:[= ]+(?<value>""[^""]*""|'[^']*'|(?!-)\S+))?)")]
    private static partial Regex LsfOption();

    [GeneratedRegex(@"^[0-9]+\z")]
    private static partial Regex Minutes();

    [GeneratedRegex(@"^[0-9]+:[0-9]+\z")]
    private static partial Regex MinutesAndSeconds();

    [GeneratedRegex(@"walltime=([0-9]+:[0-9]+:[0-9]+)")]
    private static partial Regex PbsWalltime();

    [GeneratedRegex(@"^(.*)\[(.*)\]")]
    private static partial Regex LsfArray();

    [GeneratedRegex(@"span\[(hosts|ptile)=([0-9]+)\]")]
    private static partial Regex LsfSpan();

    [GeneratedRegex(@"^([0-9]{1,8})(?:-([0-9]{1,8}))?(?::([0-9]{1,8}))?\z")]
    private static partial Regex ArrayPart();

    [GeneratedRegex(@"^([0-9]{1,9})([kKmMgGtT]?)[bB]?\z")]
    private static partial Regex SizeShape();
}
