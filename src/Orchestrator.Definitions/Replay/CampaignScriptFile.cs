using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions.Replay;

/// <summary>Reads the description of a replay of campaigns, YAML or JSON.</summary>
public sealed class CampaignScriptFile
{
    private const int NodesMax = 100_000;
    private const int CountMax = 100_000;
    private const string RangeAllowed = "one value, or the smallest and the largest as 2..8";
    private const string NameAllowed = "1 to 40 of a-z, 0-9, '_' and '-'";

    private readonly ProblemList problems = new();
    private readonly Func<string, Stream> open;
    private readonly List<ScriptNode> nodes = [];
    private DateTimeOffset start;
    private TimeSpan duration;
    private int seed;

    private CampaignScriptFile(Func<string, Stream> open) => this.open = open;

    /// <summary>Never throws for what the text says: all its problems are in the reading.</summary>
    /// <param name="text">The description.</param>
    /// <param name="open">Opens a file that the description names; throws IOException or UnauthorizedAccessException.</param>
    /// <param name="settings">By which policy is planned, whatever the description says; null: as it says.</param>
    public static CampaignScriptReading Read(string text, Func<string, Stream> open, SchedulingSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(open);
        var file = new CampaignScriptFile(open);
        var script = PlainYaml.Load(text, file.problems) is { } root ? file.Compile(root, settings) : null;
        return new() { Script = file.problems.IsEmpty ? script : null, Problems = file.problems.InFileOrder };
    }

    private CampaignScript Compile(YamlNode root, SchedulingSettings? settings)
    {
        var reader = new MappingReader(root, "", problems, CampaignScriptKeys.File);
        reader.Require("replay", "a name");
        reader.Require("machine", "a list of kinds of nodes");
        start = reader.Moment("start") ?? new CampaignScript().Start;
        duration = reader.Duration("duration", null) ?? new CampaignScript().Duration;
        seed = reader.Count("seed", 0, int.MaxValue, 1);
        Machine(reader);
        var own = reader.Value("policy") is { } policy ? PolicyFile.Read(policy, "policy", problems) : new();
        var script = new CampaignScript
        {
            Name = reader.Text("replay", "a name") ?? "",
            Start = start,
            Duration = duration,
            Seed = seed,
            PlanEvery = reader.Duration("plan_every", null) ?? new CampaignScript().PlanEvery,
            Policy = SimulationPolicy.Default with { DetectionWindow = reader.Duration("detection", null) ?? SimulationPolicy.Default.DetectionWindow },
            Settings = settings ?? own,
            Nodes = [.. nodes],
            Windows = [.. List(reader, "windows", CampaignScriptKeys.Window).SelectMany(Window)],
            Storage = [.. List(reader, "storage", CampaignScriptKeys.Spell).Select(Spell)],
            Simulations = [.. List(reader, "campaigns", CampaignScriptKeys.Campaign).SelectMany(Campaign), .. List(reader, "simulations", CampaignScriptKeys.Simulation).SelectMany(Simulations)],
            Users = [.. List(reader, "users", CampaignScriptKeys.Users).Select(Users)],
            Expectations = Expect(reader),
        };
        if (problems.IsEmpty)
        {
            foreach (var (field, problem) in CampaignScriptRules.Problems(script))
            {
                var at = places.Where(place => field.StartsWith(place.Field, StringComparison.Ordinal)).MaxBy(static place => place.Field.Length);
                problems.Add(at.Node ?? root, field, problem, "see the message");
            }
        }

        return script;
    }

    /// <summary>Where in the file things stand that are checked as a whole.</summary>
    private readonly List<(string Field, YamlNode Node)> places = [];

    private List<(MappingReader Reader, YamlNode Node)> List(MappingReader parent, string key, ImmutableArray<string> known)
    {
        var found = new List<(MappingReader, YamlNode)>();
        switch (parent.Value(key))
        {
            case null:
                break;
            case YamlSequenceNode list:
                for (var index = 0; index < list.Children.Count; index++)
                {
                    var path = string.Create(CultureInfo.InvariantCulture, $"{key}[{index}]");
                    places.Add((path, list.Children[index]));
                    found.Add((new(list.Children[index], path, problems, known), list.Children[index]));
                }

                break;
            default:
                parent.Refuse(key, "it is no list", "a list, each item after a dash");
                break;
        }

        return found;
    }

    private void Machine(MappingReader reader)
    {
        foreach (var (part, node) in List(reader, "machine", CampaignScriptKeys.Machine))
        {
            places.Add(("machine", node));
            part.Require("nodes", "how many there are");
            var name = Name(part, "name", "node");
            var count = part.Count("nodes", 1, NodesMax, 1);
            var kind = new SchedulableNode
            {
                Cores = part.Count("cores", 1, 4096, 1),
                Memory = part.Size("memory", 0),
                Kind = part.Text("kind", "a word") ?? "",
                Features = [.. part.Texts("features", "words").Select(static feature => feature.Text)],
            };
            var failures = Failures(part);
            var digits = count.ToString(CultureInfo.InvariantCulture).Length;
            for (var number = 1; number <= count && nodes.Count <= NodesMax; number++)
            {
                nodes.Add(new() { Node = kind with { Id = new NodeId($"n-{name}-{number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}") }, Failures = failures });
            }
        }
    }

    private FailureModel? Failures(MappingReader part)
    {
        if (part.Value("failures") is not { } node)
        {
            return null;
        }

        var reader = new MappingReader(node, part.PathOf("failures"), problems, CampaignScriptKeys.Failures);
        if (reader.Value("fit") is { } fit)
        {
            return Fitted(new(fit, reader.PathOf("fit"), problems, CampaignScriptKeys.Fit));
        }

        reader.Require("mean_time_between", DurationText.Allowed);
        reader.Require("repair", "a mapping with median, sigma, or with time");
        var mean = reader.Duration("mean_time_between", null);
        var shape = Number(reader, "shape", 0.05, 20, 1);
        if (mean is null || reader.Value("repair") is not { } inner)
        {
            return null;
        }

        var repair = new MappingReader(inner, reader.PathOf("repair"), problems, CampaignScriptKeys.Repair);
        var always = repair.Duration("time", null);
        var median = repair.Duration("median", null);
        if (always is null && median is null)
        {
            repair.Require("median", DurationText.Allowed);
            return null;
        }

        return new()
        {
            Between = TimeDistribution.Weibull.WithMean(shape, mean.Value),
            Repair = always is { } same ? new TimeDistribution.Fixed(same) : new TimeDistribution.Lognormal(median!.Value, Number(repair, "sigma", 0.001, 10, 1)),
        };
    }

    private FailureModel? Fitted(MappingReader reader)
    {
        reader.Require("file", "the path of a table of failures");
        if (reader.Text("file", "the path of a table of failures") is not { } path)
        {
            return null;
        }

        try
        {
            using var content = open(path);
            var log = FailureLog.Read(content, path);
            log = reader.Text("system", "the name of a system in the file") is { } system ? log.Of(system) : log;
            return new() { Between = FailureFit.Weibull(log.Intervals()), Repair = FailureFit.Lognormal(log.Repairs()) };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            reader.Refuse("file", $"nothing can be fitted to it: {fault.Message}", "a table with the columns node and started, and with at least two intervals");
            return null;
        }
    }

    private IEnumerable<MaintenanceWindow> Window((MappingReader Reader, YamlNode Node) item)
    {
        var reader = item.Reader;
        reader.Require("id", "a name");
        reader.Require("duration", DurationText.Allowed);
        var begins = reader.Moment("start") ?? (Elapsed(reader, "at") is { } at ? start + at : null);
        if (begins is null && reader.Value("start") is null && reader.Value("at") is null)
        {
            reader.Require("at", "after how long it begins");
        }

        var lasts = reader.Duration("duration", null);
        var id = reader.Text("id", "a name") ?? "";
        var severity = reader.Choice("severity", WindowSeverity.Major);
        var covered = CoveredNodes(reader);
        var words = reader.Text("description", "a text") ?? "";
        places.Add(($"windows.{id}", item.Node));
        if (begins is { } from && lasts is { } time)
        {
            yield return new() { Id = id, Severity = severity, Start = from, End = from + time, Nodes = covered, Description = words };
        }
    }

    private ImmutableArray<NodeId> CoveredNodes(MappingReader reader)
    {
        if (reader.Value("nodes") is null || reader.Text("nodes", RangeAllowed) is not { } text)
        {
            return [];
        }

        if (Range(text, Whole) is not { } range
            || range.Low < 1 || range.High > nodes.Count || range.Low > range.High)
        {
            reader.Refuse("nodes", $"\"{text}\" is no range of nodes", string.Create(CultureInfo.InvariantCulture, $"numbers of nodes in the order of the machine, 1..{nodes.Count}"));
            return [];
        }

        return [.. nodes.Skip(range.Low - 1).Take(range.High - range.Low + 1).Select(static node => node.Node.Id)];
    }

    private StorageSpell Spell((MappingReader Reader, YamlNode Node) item)
    {
        foreach (var key in CampaignScriptKeys.Spell)
        {
            item.Reader.Require(key, key == "factor" ? "a number from 1" : DurationText.Allowed);
        }

        return new()
        {
            From = Elapsed(item.Reader, "from") ?? TimeSpan.Zero,
            Until = item.Reader.Duration("until", null) ?? duration,
            Factor = Number(item.Reader, "factor", 1, 1e6, 1),
        };
    }

    private IEnumerable<ScriptSimulation> Campaign((MappingReader Reader, YamlNode Node) item)
    {
        var reader = item.Reader;
        reader.Require("file", "the path of a campaign file");
        var copies = reader.Count("copies", 1, CountMax, 1);
        var submitted = Elapsed(reader, "submitted") ?? TimeSpan.Zero;
        var takes = Number(reader, "takes", 0.001, 1000, 1);
        var plain = new ScriptSimulation { Definition = new() };
        var cost = reader.Duration("checkpoint_cost", null) ?? plain.CheckpointCost;
        var startTime = reader.Duration("start_time", null) ?? plain.StartTime;
        if (reader.Text("file", "the path of a campaign file") is not { } path || Text(reader, path) is not { } text)
        {
            yield break;
        }

        var reading = CampaignFile.Read(text);
        foreach (var problem in reading.Problems)
        {
            reader.Refuse("file", $"{path}:{problem}", "a campaign file without problems");
        }

        for (var copy = 1; copy <= copies && reading.Campaign is { } campaign; copy++)
        {
            foreach (var simulation in campaign.Simulations)
            {
                var id = copies == 1 ? simulation.Id.Value : string.Create(CultureInfo.InvariantCulture, $"{simulation.Id}.{copy}");
                if (!SimulationId.TryParse(id, out var named))
                {
                    reader.Refuse("copies", $"{id} is too long a name", "shorter names, or one copy");
                    yield break;
                }

                places.Add(($"simulations.{id}", item.Node));
                yield return new() { Definition = simulation with { Id = named }, Submitted = submitted, Takes = takes, CheckpointCost = cost, StartTime = startTime };
            }
        }
    }

    private string? Text(MappingReader reader, string path)
    {
        try
        {
            using var content = open(path);
            using var text = new StreamReader(content);
            return text.ReadToEnd();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            reader.Refuse("file", $"it cannot be read: {fault.Message}", "the path of a campaign file, from the folder of this one");
            return null;
        }
    }

    private IEnumerable<ScriptSimulation> Simulations((MappingReader Reader, YamlNode Node) item)
    {
        var reader = item.Reader;
        reader.Require("duration", DurationText.Allowed);
        var name = Name(reader, "name", "simulation");
        var project = reader.Text("project", NameAllowed) is null ? name : Name(reader, "project", name);
        var count = reader.Count("count", 1, CountMax, 1);
        var wanted = Counts(reader, "nodes", NodesMax);
        var cores = reader.Count("cores", 1, 4096, nodes.Count > 0 ? nodes[0].Node.Cores : 1);
        var lasts = Times(reader, "duration") ?? (TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        var takes = Number(reader, "takes", 0.001, 1000, 1);
        var priority = reader.Choice("class", PriorityClass.Medium);
        var isProtected = reader.Flag("protected", false);
        var submitted = Times(reader, "submitted") ?? (TimeSpan.Zero, TimeSpan.Zero);
        var plain = new ScriptSimulation { Definition = new() };
        var cost = reader.Duration("checkpoint_cost", null) ?? plain.CheckpointCost;
        var loss = reader.Duration("max_loss", null) ?? new CheckpointPolicy().MaxLoss;
        var startTime = reader.Duration("start_time", null) ?? plain.StartTime;
        places.Add(($"simulations.s-{name}-", item.Node));
        var random = new SeededRandom(seed, "simulations of " + name);
        for (var number = 1; number <= count; number++)
        {
            var drawn = (random.Next(), random.Next(), random.Next());
            yield return new()
            {
                Submitted = Between(submitted, drawn.Item1),
                Takes = takes,
                CheckpointCost = cost,
                StartTime = startTime,
                Definition = new()
                {
                    Id = new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{name}-{number}")),
                    Campaign = name,
                    Name = string.Create(CultureInfo.InvariantCulture, $"{name}/{number}"),
                    Priority = priority,
                    Protected = isProtected,
                    Owner = new() { Institution = "site", Project = project, User = project, Account = new AccountId($"p-site.{project}") },
                    Stages =
                    [
                        new()
                        {
                            Name = "run",
                            Resources = new() { Nodes = wanted.Low + (int)(drawn.Item2 * (wanted.High - wanted.Low + 1)), RanksPerNode = cores },
                            EstimatedDuration = Between(lasts, drawn.Item3),
                            Checkpoint = new() { MaxLoss = loss },
                        },
                    ],
                },
            };
        }
    }

    private ScriptUsers Users((MappingReader Reader, YamlNode Node) item)
    {
        var reader = item.Reader;
        reader.Require("name", NameAllowed);
        var plain = new ScriptUsers();
        var wanted = Counts(reader, "nodes", NodesMax);
        var times = Times(reader, "time") ?? (plain.TimeMin, plain.TimeMax);
        var name = Name(reader, "name", "users");
        places.Add(($"users.{name}", item.Node));
        return plain with
        {
            Name = name,
            Count = reader.Count("count", 1, CountMax, plain.Count),
            Load = Number(reader, "load", 0.0001, 1000, plain.Load),
            WaitingMax = reader.Count("waiting", 1, CountMax, plain.WaitingMax),
            Priority = reader.Choice("class", PriorityClass.Medium),
            NodesMin = wanted.Low,
            NodesMax = wanted.High,
            Cores = reader.Count("cores", 1, 4096, nodes.Count > 0 ? nodes[0].Node.Cores : 1),
            TimeMin = times.Low,
            TimeMax = times.High,
            EstimateFactor = Number(reader, "estimate_factor", 1, 1000, plain.EstimateFactor),
            Checkpoints = Number(reader, "checkpoints", 0, 1, plain.Checkpoints),
            CheckpointCost = reader.Duration("checkpoint_cost", null) ?? plain.CheckpointCost,
            StartTime = reader.Duration("start_time", null) ?? plain.StartTime,
        };
    }

    private CampaignExpectations Expect(MappingReader parent)
    {
        if (parent.Value("expect") is not { } node)
        {
            return new();
        }

        var reader = new MappingReader(node, "expect", problems, CampaignScriptKeys.Expect);
        return new()
        {
            Utilization = reader.Value("utilization") is null ? null : Number(reader, "utilization", 0, 1, 0),
            Loss = reader.Duration("loss", null),
            Recovery = reader.Duration("recovery", null),
            Wait = reader.Duration("wait", null),
            Preemptions = reader.Value("preemptions") is null ? null : reader.Count("preemptions", 0, int.MaxValue, 0),
        };
    }

    private static string Name(MappingReader reader, string key, string fallback)
    {
        if (reader.Text(key, NameAllowed) is not { } name)
        {
            return fallback;
        }

        if (name.Length <= 40 && name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-'))
        {
            return name;
        }

        reader.Refuse(key, $"\"{name}\" cannot be part of an id", NameAllowed);
        return fallback;
    }

    private static double Number(MappingReader reader, string key, double least, double most, double fallback)
    {
        var allowed = string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}");
        if (reader.Text(key, allowed) is not { } text)
        {
            return fallback;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        reader.Refuse(key, $"\"{text}\" is not in range", allowed);
        return fallback;
    }

    /// <summary>Time from the beginning; "0s" too.</summary>
    private static TimeSpan? Elapsed(MappingReader reader, string key) =>
        reader.Value(key) is YamlScalarNode { Value: "0" or "0s" or "0d" } ? TimeSpan.Zero : reader.Duration(key, null);

    private static (int Low, int High) Counts(MappingReader reader, string key, int most)
    {
        if (reader.Text(key, RangeAllowed) is not { } text)
        {
            return (1, 1);
        }

        if (Range(text, Whole) is { } range && range.Low >= 1 && range.High <= most && range.Low <= range.High)
        {
            return range;
        }

        reader.Refuse(key, $"\"{text}\" is no count", string.Create(CultureInfo.InvariantCulture, $"a whole number from 1 to {most}, or the smallest and the largest as 2..8"));
        return (1, 1);
    }

    private static (TimeSpan Low, TimeSpan High)? Times(MappingReader reader, string key)
    {
        if (reader.Text(key, DurationText.Allowed) is not { } text)
        {
            return null;
        }

        if (Range(text, Time) is { } range
            && range.Low <= range.High && (range.Low > TimeSpan.Zero || key == "submitted"))
        {
            return range;
        }

        reader.Refuse(key, $"\"{text}\" is no time", $"{DurationText.Allowed}, or the shortest and the longest as 2h..3d");
        return null;
    }

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? Time(string text) => text is "0" or "0s" or "0d" ? TimeSpan.Zero : DurationText.TryParse(text, out var time, out _) ? time : null;

    private static (T Low, T High)? Range<T>(string text, Func<string, T?> read) where T : struct
    {
        var parts = text.Split("..");
        return parts.Length switch
        {
            1 when read(parts[0].Trim()) is { } only => (only, only),
            2 when read(parts[0].Trim()) is { } low && read(parts[1].Trim()) is { } high => (low, high),
            _ => null,
        };
    }

    private static TimeSpan Between((TimeSpan Low, TimeSpan High) range, double part) => range.Low + ((range.High - range.Low) * part);
}
