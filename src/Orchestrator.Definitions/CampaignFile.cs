using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Reallocation;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Compiles campaign files, YAML or JSON, to simulations.</summary>
public static partial class CampaignFile
{
    private const int SimulationsMax = 100_000;
    private const string Tags = "tags";
    private const string NameAllowed = "1 to 60 letters, digits, '.', '_' and '-'";
    private const int LabelsMax = 32;
    private const int LabelLengthMax = 200;
    private const string LabelAllowed = "a single value of at most 200 characters";
    private const string MembersAllowed = "a count from 1 to 100000, or a list of different whole numbers from 1";

    private static readonly ImmutableArray<string> Reserved = ["member", "scenario", "path", "date", .. Placeholders.OfLaunch];

    /// <summary>Never throws for what the text says: all its problems are in the reading.</summary>
    public static CampaignReading Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new ProblemList();
        var campaign = PlainYaml.Load(text, problems) is { } root ? Compile(root, problems) : null;
        return new() { Campaign = problems.IsEmpty ? campaign : null, Problems = problems.InFileOrder };
    }

    private static Campaign? Compile(YamlNode root, ProblemList problems)
    {
        var reader = new MappingReader(root, "", problems, CampaignKeys.File);
        var name = ReadName(reader);
        var owner = ReadOwner(reader);
        var priority = reader.Choice("priority", PriorityClass.Medium);
        var isProtected = reader.Flag("protected", false);
        var deadline = reader.Moment("deadline");
        var reservation = reader.Name("reservation") ?? "";
        var variants = ReadLabels(reader, ReadMatrix(reader, ReadScenarios(reader, problems), problems), problems);
        var dates = ReadDates(reader);
        var members = ReadMembers(reader);
        var compare = ReadCompare(reader, problems);
        var stages = ReadStages(reader, variants, dates[0].Length > 0, problems);
        if ((long)variants.Length * dates.Length * members.Length > SimulationsMax)
        {
            reader.Refuse("members", $"scenarios x {(dates.Length > 1 ? "dates x " : "")}members are {(long)variants.Length * dates.Length * members.Length} simulations", $"at most {SimulationsMax}");
        }

        var ids = new Dictionary<string, Variant>();
        foreach (var variant in variants)
        {
            var id = IdOf(name, variant, dates.MaxBy(static date => date.Length)!, members.Max());
            if (!SimulationId.TryParse(id, out _))
            {
                reader.Refuse("scenarios", $"the simulation id {id} has {id.Length} characters", "at most 122: a shorter name of the campaign or the scenario");
            }
            else if (!ids.TryAdd(id, variant))
            {
                reader.Refuse("scenarios", $"\"{variant.Name}\" and \"{ids[id].Name}\" give the same simulation id {id}", "names that differ in letters, digits, '.', '_' or '-'");
            }
        }

        if (!problems.IsEmpty)
        {
            return null;
        }

        ScenarioId? scenario = reader.Value("scenarios") is null && reader.Value("matrix") is null ? null : new ScenarioId($"o-{name}");
        return new()
        {
            Name = name,
            Owner = owner,
            Scenario = scenario,
            Compare = compare,
            Tags = variants.Where(static variant => !variant.Tags.IsEmpty).ToImmutableSortedDictionary(static variant => variant.Name, static variant => variant.Tags, StringComparer.Ordinal),
            Simulations = [.. from variant in variants from date in dates from member in members select new SimulationDefinition
            {
                Id = new(IdOf(name, variant, date, member)),
                Campaign = name,
                Name = string.Join('/', new[] { name, variant.Name, date, member > 0 ? Number(member) : "" }.Where(part => part.Length > 0)),
                Scenario = scenario,
                Variant = variant.Name,
                Member = date.Length == 0 ? member : (dates.IndexOf(date) * Math.Max(1, members.Max())) + Math.Max(1, member),
                Owner = owner,
                Priority = priority,
                Protected = isProtected,
                Deadline = deadline,
                Reservation = reservation,
                Labels = date.Length == 0 ? variant.Parameters : variant.Parameters.SetItem("date", date),
                Stages = [.. stages.Select(stage => Fill(stage, date.Length == 0 ? variant : variant with { Parameters = variant.Parameters.SetItem("date", date) }, member))],
            }],
        };
    }

    internal static StageDefinition Fill(StageDefinition stage, Variant variant, int member)
    {
        return stage with
        {
            Run = Of(stage.Run),
            Restart = stage.Restart is { } restart ? Of(restart) : null,
            Outputs = [.. stage.Outputs.Select(Of)],
            Environment = stage.Environment.ToImmutableSortedDictionary(pair => pair.Key, pair => Of(pair.Value)),
            Checkpoint = stage.Checkpoint with
            {
                Files = [.. stage.Checkpoint.Files.Select(Of)],
                Verify = stage.Checkpoint.Verify is { } verify ? Of(verify) : null,
            },
            Tasks = stage.Tasks?.Map(Of),
        };

        string Of(string text) => Placeholders.Replace(text, variant, member);
    }

    private static string IdOf(string name, Variant variant, string date, int member) =>
        $"s-{name}" + (variant.Name.Length > 0 ? "-" + Unsafe().Replace(variant.Name, "-") : "") + (date.Length > 0 ? "-" + date : "") + (member > 0 ? "-" + Number(member) : "");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string ReadName(MappingReader reader)
    {
        reader.Require("name", NameAllowed);
        var name = reader.Text("name", NameAllowed) ?? "unnamed";
        if (!Name().IsMatch(name))
        {
            reader.Refuse("name", $"\"{name}\" cannot be part of an id", NameAllowed);
            return "unnamed";
        }

        return name;
    }

    private static Ownership ReadOwner(MappingReader reader)
    {
        const string Allowed = "institution/project, each of 1 to 50 letters, digits, '_' and '-'";
        reader.Require("project", Allowed);
        if (reader.Text("project", Allowed) is not { } text)
        {
            return new();
        }

        if (Project().Match(text) is not { Success: true } match)
        {
            reader.Refuse("project", $"\"{text}\" is not institution/project", Allowed);
            return new();
        }

        var (institution, project) = (match.Groups[1].Value, match.Groups[2].Value);
        return new() { Institution = institution, Project = project, Account = new($"p-{institution}.{project}") };
    }

    private static ImmutableArray<Variant> ReadScenarios(MappingReader parent, ProblemList problems)
    {
        Variant none = new("", ImmutableDictionary<string, string>.Empty);
        if (parent.Value("scenarios") is not { } node)
        {
            return [none];
        }

        var reader = new MappingReader(node, "scenarios", problems, null);
        var variants = ImmutableArray.CreateBuilder<Variant>();
        foreach (var name in reader.Keys)
        {
            var parameters = ImmutableDictionary.CreateBuilder<string, string>();
            ImmutableArray<string> tags = [];
            if (name.Length > 60)
            {
                problems.Add(reader.Key(name), reader.PathOf(name), $"the name has {name.Length} characters", "at most 60");
            }

            // "control:" alone is a scenario without parameters.
            if (reader.Value(name) is not YamlScalarNode { Value: "" })
            {
                var inner = new MappingReader(reader.Value(name)!, reader.PathOf(name), problems, null);
                tags = ReadTags(inner, problems);
                foreach (var parameter in inner.Keys)
                {
                    if (parameter == Tags && inner.Value(parameter) is YamlSequenceNode)
                    {
                        continue;
                    }

                    if (!Parameter().IsMatch(parameter) || Reserved.Contains(parameter))
                    {
                        problems.Add(inner.Key(parameter), inner.PathOf(parameter), $"\"{parameter}\" cannot name a parameter", "letters, digits, '_' and '-', no digit first, none of " + string.Join(", ", Reserved));
                    }

                    parameters[parameter] = inner.Text(parameter, "a single value") ?? "";
                }
            }

            variants.Add(new(name, parameters.ToImmutable()) { Tags = tags });
        }

        if (variants.Count == 0)
        {
            parent.Refuse("scenarios", "there is no scenario", "at least one, or no \"scenarios\"");
            return [none];
        }

        return variants.ToImmutable();
    }

    /// <summary>What a scenario has to do with. One word is a parameter, too, as it ever was.</summary>
    private static ImmutableArray<string> ReadTags(MappingReader scenario, ProblemList problems)
    {
        const string Allowed = "one or a list of words of 1 to 60 characters, each once";
        if (scenario.Value(Tags) is not { } node || node is not (YamlSequenceNode or YamlScalarNode { Value.Length: > 0 }))
        {
            return [];
        }

        var tags = scenario.Texts(Tags, Allowed);
        foreach (var (place, path, tag) in tags.Where(static one => one.Text.Length > 60))
        {
            problems.Add(place, path, $"\"{tag}\" has {tag.Length} characters", Allowed);
        }

        if (tags.Select(static one => one.Text).Distinct(StringComparer.OrdinalIgnoreCase).Count() < tags.Length)
        {
            scenario.Refuse(Tags, "a tag is there twice", Allowed);
        }

        return [.. tags.Select(static one => one.Text)];
    }

    private static ImmutableArray<int> ReadMembers(MappingReader reader)
    {
        if (reader.Value("members") is null)
        {
            return [0];
        }

        if (reader.Value("members") is not YamlSequenceNode)
        {
            return [.. Enumerable.Range(1, reader.Count("members", 1, SimulationsMax, 1))];
        }

        var texts = reader.Texts("members", MembersAllowed);
        var members = texts.Select(item => int.TryParse(item.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var member) ? member : 0).ToImmutableArray();
        if (members.Length == 0 || members.Contains(0) || members.Distinct().Count() != members.Length)
        {
            reader.Refuse("members", "the list is empty, names a member twice, or names something that is no whole number from 1", MembersAllowed);
            return [1];
        }

        return members;
    }

    private static ImmutableArray<StageDefinition> ReadStages(MappingReader parent, ImmutableArray<Variant> variants, bool hasDates, ProblemList problems)
    {
        StageMapping.Require(parent);

        // A date is known wherever a parameter of all scenarios is.
        var known = hasDates ? [.. variants.Select(static variant => variant with { Parameters = variant.Parameters.SetItem("date", "") })] : variants;
        return StageMapping.Read(parent, [], names => new(known, parent.Value("scenarios") is not null, parent.Value("members") is not null, names, problems), problems);
    }

    /// <summary>Every scenario at every point of the grid; the point becomes part of its name.</summary>
    private static ImmutableArray<Variant> ReadMatrix(MappingReader parent, ImmutableArray<Variant> variants, ProblemList problems)
    {
        if (parent.Value("matrix") is not { } node)
        {
            return variants;
        }

        var points = WorkflowTemplates.Points(StageParts.Grid(new(node, "matrix", problems, null)));
        if ((long)points.Length * variants.Length > SimulationsMax)
        {
            parent.Refuse("matrix", $"scenarios x matrix are {(long)points.Length * variants.Length}", $"at most {SimulationsMax}");
            return variants;
        }

        foreach (var (scenario, parameter) in variants.SelectMany(variant => points[0].Keys.Where(variant.Parameters.ContainsKey).Select(parameter => (variant.Name, parameter))))
        {
            parent.Refuse("matrix", $"\"{parameter}\" is a parameter of scenario \"{scenario}\", too", "a name of its own");
        }

        return [.. from variant in variants
                   from point in points
                   let words = string.Join('.', point.Select(static pair => $"{pair.Key}-{pair.Value}"))
                   select new Variant(variant.Name.Length == 0 ? words : $"{variant.Name}.{words}", variant.Parameters.SetItems(point)) { Tags = variant.Tags }];
    }

    /// <summary>What every simulation is labelled with: parameters that are the same everywhere.</summary>
    private static ImmutableArray<Variant> ReadLabels(MappingReader parent, ImmutableArray<Variant> variants, ProblemList problems)
    {
        if (parent.Value("labels") is not { } node)
        {
            return variants;
        }

        var reader = new MappingReader(node, "labels", problems, null);
        var labels = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var label in reader.Keys)
        {
            if (!Parameter().IsMatch(label) || Reserved.Contains(label))
            {
                problems.Add(reader.Key(label), reader.PathOf(label), $"\"{label}\" cannot name a label", "letters, digits, '_' and '-', no digit first, none of " + string.Join(", ", Reserved));
            }
            else if (variants.Any(variant => variant.Parameters.ContainsKey(label)))
            {
                problems.Add(reader.Key(label), reader.PathOf(label), $"\"{label}\" is a parameter of the scenarios, too", "a name of its own");
            }
            else if (reader.Text(label, LabelAllowed) is { } text)
            {
                if (text.Length > LabelLengthMax)
                {
                    reader.Refuse(label, $"it has {text.Length} characters", LabelAllowed);
                }

                labels[label] = text;
            }
        }

        if (reader.Keys.Count() > LabelsMax)
        {
            parent.Refuse("labels", $"there are {reader.Keys.Count()}", $"at most {LabelsMax}");
        }

        return [.. variants.Select(variant => variant with { Parameters = variant.Parameters.SetItems(labels) })];
    }

    private static ImmutableArray<string> ReadDates(MappingReader reader)
    {
        const string Allowed = "a list of different dates of 1 to 20 letters, digits, '-' and '_', as 20260101";
        if (reader.Value("dates") is null)
        {
            return [""];
        }

        ImmutableArray<string> dates = [.. reader.Texts("dates", Allowed).Select(static date => date.Text)];
        if (dates.IsEmpty || dates.Distinct().Count() != dates.Length || dates.Any(static date => date.Length > 20 || !date.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
        {
            reader.Refuse("dates", "the list is empty, names a date twice, or names something that is none", Allowed);
            return [""];
        }

        return dates;
    }

    private static Comparison? ReadCompare(MappingReader parent, ProblemList problems)
    {
        if (parent.Value("compare") is not { } node)
        {
            return null;
        }

        var reader = new MappingReader(node, "compare", problems, CampaignKeys.Compare);
        var steering = reader.Choice("steering", SteeringMode.Advise);
        reader.Require("objective", "a mapping with metric, direction");
        if (reader.Value("objective") is not { } inner)
        {
            return null;
        }

        var objective = new MappingReader(inner, "compare.objective", problems, CampaignKeys.Objective);
        objective.Require("metric", "the name of a metric that the programs report");
        objective.Require("direction", "higher, lower");
        var interval = reader.Duration("interval", TimeSpan.FromHours(4));
        if (interval is { } time && (time < TimeSpan.FromMinutes(1) || time > TimeSpan.FromDays(30)))
        {
            reader.Refuse("interval", $"\"{time}\" is not in range", "1m to 30d");
        }

        return new()
        {
            Target = objective.Number("target", double.NegativeInfinity, double.PositiveInfinity),
            Metrics = ReadComparedMetrics(reader, problems),
            Objectives = ReadObjectives(reader, problems),
            MinimumChange = reader.Number("minimum_change", 0, 1) ?? 0.05,
            MaximumShift = reader.Number("maximum_shift", 0, 1) ?? 0.2,
            Priorities = reader.Choice("priorities", PriorityRule.Evaluation),
            Floor = reader.Number("floor", 0, 1) ?? 0.1,
            Strategy = reader.Choice("strategy", ReallocationStrategy.Balanced),
            Interval = interval ?? TimeSpan.FromHours(4),
            Metric = objective.Text("metric", "the name of a metric that the programs report") ?? "",
            Direction = objective.Choice("direction", ObjectiveDirection.Higher),
            Steering = steering,
        };
    }

    /// <summary>Metrics beside the objective, by name.</summary>
    private static ImmutableArray<MetricTarget> ReadComparedMetrics(MappingReader parent, ProblemList problems)
    {
        if (parent.Value("metrics") is not { } node)
        {
            return [];
        }

        var reader = new MappingReader(node, "compare.metrics", problems, null);
        var metrics = ImmutableArray.CreateBuilder<MetricTarget>();
        foreach (var name in reader.Keys)
        {
            var metric = new MappingReader(reader.Value(name)!, $"compare.metrics.{name}", problems, CampaignKeys.ComparedMetric);
            metric.Require("direction", "higher, lower");
            metrics.Add(new()
            {
                Metric = name,
                Direction = metric.Choice("direction", MetricDirection.Higher),
                Target = metric.Number("target", double.NegativeInfinity, double.PositiveInfinity),
                Weight = metric.Number("weight", 0, 1000) ?? 1,
                Confidence = metric.Number("confidence", 0, 1) ?? 1,
            });
        }

        return metrics.ToImmutable();
    }

    /// <summary>Questions of the research, each with the metrics or tags that have to do with it.</summary>
    private static ImmutableArray<ResearchObjective> ReadObjectives(MappingReader parent, ProblemList problems)
    {
        const string Allowed = "a list of mappings with name, importance, metrics; each name once";
        if (parent.Value("objectives") is not { } node)
        {
            return [];
        }

        if (node is not YamlSequenceNode list || list.Children.Count == 0)
        {
            parent.Refuse("objectives", "it is no list, or empty", Allowed);
            return [];
        }

        var objectives = ImmutableArray.CreateBuilder<ResearchObjective>();
        for (var index = 0; index < list.Children.Count; index++)
        {
            var reader = new MappingReader(list.Children[index], $"compare.objectives[{index}]", problems, CampaignKeys.ResearchObjective);
            reader.Require("name", "a name");
            reader.Require("metrics", "one or a list of names of metrics, or of tags of scenarios");
            var objective = new ResearchObjective
            {
                Name = reader.Text("name", "a name") ?? "",
                Importance = reader.Number("importance", 0, 1) ?? 1,
                TargetMetrics = [.. reader.Texts("metrics", "names of metrics, or of tags of scenarios").Select(static metric => metric.Text)],
            };
            if (objective.Name.Length > 0 && objectives.Any(other => other.Name == objective.Name))
            {
                reader.Refuse("name", $"\"{objective.Name}\" is there twice", Allowed);
            }

            objectives.Add(objective);
        }

        return objectives.ToImmutable();
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,60}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^([A-Za-z0-9_-]{1,50})/([A-Za-z0-9_-]{1,50})\z")]
    private static partial Regex Project();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"[^A-Za-z0-9._-]")]
    private static partial Regex Unsafe();
}
