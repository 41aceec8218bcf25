using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions.Replay;

/// <summary>Reads the description of a replay of campaigns, YAML or JSON.</summary>
public sealed partial class CampaignScriptFile
{
    private const int CountMax = 100_000;

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
}
