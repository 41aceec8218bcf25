using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Nodes;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary>What a node has, as the options of <c>orchestrator agent</c> declare it.</summary>
internal static partial class NodeDeclarations
{
    public const string GpusAllowed = "COUNT, COUNTxMODEL, COUNTxMODEL:MEMORY or COUNTxMODEL:MEMORY:CAPABILITY, as in 4, 8xMI250X:64G or 2xA100:80G:8.0; 0 for none";

    public const string PowerAllowed =
        "KEY=VALUE,...: idle, busy and off in watts, rating 0 to 100, on_time and off_time as in 90s, on_energy and off_energy in joules, as in idle=110,busy=420,off=4";

    private static readonly string[] PowerKeys = ["idle", "busy", "off", "rating", "on_time", "off_time", "on_energy", "off_energy"];

    /// <returns>The GPUs in the order of the texts; problems are added, one a line.</returns>
    public static ImmutableArray<NodeGpu> Gpus(IEnumerable<string> texts, List<string> problems)
    {
        var gpus = ImmutableArray.CreateBuilder<NodeGpu>();
        foreach (var text in texts)
        {
            var memory = 0L;
            if (GpuShape().Match(text) is not { Success: true } match)
            {
                problems.Add($"--gpus {text}: allowed: {GpusAllowed}");
            }
            else if (match.Groups["memory"] is { Success: true, Value: var size } && !SizeText.TryParse(size, out memory, out var problem))
            {
                problems.Add($"--gpus {text}: {problem}; allowed: {SizeText.Allowed}");
            }
            else
            {
                var gpu = new NodeGpu { Model = match.Groups["model"].Value, Memory = memory, ComputeCapability = match.Groups["capability"].Value };
                gpus.AddRange(Enumerable.Repeat(gpu, int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture)));
            }
        }

        return gpus.ToImmutable();
    }

    /// <returns>What the node draws; null with problems added, one a line.</returns>
    public static NodePower? Power(string text, List<string> problems)
    {
        var before = problems.Count;
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? pair : pair[..equals];
            if (equals < 0 || !PowerKeys.Contains(key, StringComparer.Ordinal))
            {
                problems.Add($"--power {pair}: allowed: {PowerAllowed}");
            }
            else if (!given.TryAdd(key, pair[(equals + 1)..]))
            {
                problems.Add($"--power {pair}: {key} is given twice");
            }
        }

        var power = new NodePower
        {
            Idle = Number("idle", 1e6),
            Busy = Number("busy", 1e6),
            Off = Number("off", 1e6),
            Rating = Number("rating", 100),
            SwitchOnTime = Duration("on_time"),
            SwitchOffTime = Duration("off_time"),
            SwitchOnEnergy = Number("on_energy", 1e9),
            SwitchOffEnergy = Number("off_energy", 1e9),
        };
        foreach (var key in (string[])["idle", "busy"])
        {
            if (!given.ContainsKey(key))
            {
                problems.Add($"--power: {key} is missing: watts");
            }
        }

        if (problems.Count == before && power.Busy < power.Idle)
        {
            problems.Add("--power: busy must not be less than idle");
        }

        if (problems.Count == before && power.Off > power.Idle)
        {
            problems.Add("--power: off must not be more than idle");
        }

        return problems.Count == before ? power : null;

        double Number(string key, double max)
        {
            if (!given.TryGetValue(key, out var value))
            {
                return 0;
            }

            if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= max)
            {
                return number;
            }

            problems.Add(string.Create(CultureInfo.InvariantCulture, $"--power {key}={value}: a number of 0 to {max} is allowed"));
            return 0;
        }

        TimeSpan Duration(string key)
        {
            if (!given.TryGetValue(key, out var value))
            {
                return TimeSpan.Zero;
            }

            if (DurationText.TryParse(value, out var time, out var problem))
            {
                return time;
            }

            problems.Add($"--power {key}={value}: {problem}; allowed: {DurationText.Allowed}");
            return TimeSpan.Zero;
        }
    }

    [GeneratedRegex(@"^(?<count>[0-9]{1,3})(?:x(?<model>[^:]{1,64})(?::(?<memory>[^:]{1,32}))?(?::(?<capability>[0-9]{1,2}(?:\.[0-9]{1,2})?))?)?\z")]
    private static partial Regex GpuShape();
}
