using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>
/// A stage that stands for several: iterations of a loop, chunks of a chain, or points of a sweep. Its parts are NAME-1 to NAME-N; a barrier that has its own name is passed once
/// they are done, so that others wait for it as for any stage.
/// </summary>
internal sealed class StageParts
{
    private const int PartsMax = 1000;
    private static readonly ImmutableArray<string> Ways = ["repeat", "chunks", "sweep"];

    private const string One = "one of repeat, chunks and sweep";

    private readonly ImmutableArray<IReadOnlyDictionary<string, string>> values;
    private readonly bool isChain;

    private StageParts(string name, ImmutableArray<IReadOnlyDictionary<string, string>> values, bool isChain) => (Name, this.values, this.isChain) = (name, values, isChain);

    public string Name { get; }

    public int Count => values.Length;

    /// <summary>Words that its commands may have in braces.</summary>
    public IReadOnlyList<string> Words => [.. values[0].Keys, .. isChain ? ["previous"] : Array.Empty<string>()];

    /// <summary>Its own name last.</summary>
    public IEnumerable<string> Names => [.. Enumerable.Range(1, Count).Select(PartName), Name];

    /// <summary>Stages of which each part waits for the part of the same number.</summary>
    public HashSet<string> Same { get; } = [];

    /// <summary>Over the results of an iteration, which it calls <c>this</c>: no more follow once it is true.</summary>
    public string? Until { get; private set; }

    /// <summary>Null: it is one stage.</summary>
    public static StageParts? Read(string name, YamlNode node, ProblemList problems)
    {
        if (node is not YamlMappingNode mapping || Ways.Where(key => mapping.Children.ContainsKey(new YamlScalarNode(key))).ToArray() is not { Length: > 0 } given)
        {
            // Several workers of the same tasks.
            return TaskSetReader.WorkersOf(node) is > 1 and var workers
                ? new(name, [.. Enumerable.Range(1, workers).Select(static _ => (IReadOnlyDictionary<string, string>)new Dictionary<string, string>())], isChain: false)
                : null;
        }

        var reader = new MappingReader(node, $"stages.{name}", problems, null);
        if (given.Length > 1)
        {
            reader.Refuse(given[1], $"{string.Join(" and ", given)} are given", One);
        }

        return given[0] switch
        {
            "repeat" => Loop(name, reader, problems),
            "chunks" => new(name, Numbered(reader.Count("chunks", 1, PartsMax, 1), "chunk", "chunks"), isChain: true),
            _ => Sweep(name, reader, problems),
        };
    }

    public string PartName(int number) => string.Create(CultureInfo.InvariantCulture, $"{Name}-{number}");

    /// <summary>The parts and the barrier.</summary>
    public ImmutableArray<StageDefinition> Unroll(StageDefinition stage)
    {
        ImmutableArray<Dependency> same = [.. stage.After.Where(edge => Same.Contains(edge.Stage))];
        ImmutableArray<Dependency> first = [.. stage.After.Where(edge => !Same.Contains(edge.Stage))];
        var parts = ImmutableArray.CreateBuilder<StageDefinition>(Count + 1);
        for (var number = 1; number <= Count; number++)
        {
            var with = values[number - 1];
            ImmutableArray<Dependency> after = [.. same.Select(edge => edge with { Stage = string.Create(CultureInfo.InvariantCulture, $"{edge.Stage}-{number}") })];
            if (isChain && number > 1)
            {
                var before = PartName(number - 1);
                after = after.Add(new() { Stage = before, When = Until is null ? null : $"not ({WorkflowTemplates.This(Until, before)})" });
            }
            else
            {
                after = after.AddRange(first);
            }

            // The first worker holds the tasks for all.
            var tasks = stage.Tasks is { } set ? set with { Worker = number, Groups = number == 1 ? set.Groups : [] } : null;
            parts.Add(WorkflowTemplates.Fill(stage with { Tasks = null }, isChain ? With(with, number) : with) with { Name = PartName(number), After = after, Tasks = tasks });
        }

        // A worker completes when every task has its end, whoever ran it: what becomes of the other workers decides nothing.
        parts.Add(WorkflowTemplates.Barrier(Name, [.. parts]) with { Join = stage.Tasks is null ? JoinRule.Settled : JoinRule.Any });
        return parts.ToImmutable();
    }

    /// <summary>Where the part before left its outputs; nowhere, for the first one.</summary>
    private Dictionary<string, string> With(IReadOnlyDictionary<string, string> with, int number) =>
        new(with) { ["previous"] = number == 1 ? "" : $"{{stage.{PartName(number - 1)}}}" };

    private static StageParts Loop(string name, MappingReader parent, ProblemList problems)
    {
        if (parent.Value("repeat") is not YamlMappingNode node)
        {
            return new(name, Numbered(parent.Count("repeat", 1, PartsMax, 1), "iteration", "iterations"), isChain: true);
        }

        var reader = new MappingReader(node, parent.PathOf("repeat"), problems, CampaignKeys.Repeat);
        reader.Require("times", $"a whole number from 1 to {PartsMax}");
        return new(name, Numbered(reader.Count("times", 1, PartsMax, 1), "iteration", "iterations"), isChain: true)
        {
            Until = new EdgeReader([], problems).ReadWhen(reader, "until", "this"),
        };
    }

    private static StageParts Sweep(string name, MappingReader parent, ProblemList problems)
    {
        var points = WorkflowTemplates.Points(Grid(new(parent.Value("sweep")!, parent.PathOf("sweep"), problems, null)));
        if (points.Length > PartsMax)
        {
            parent.Refuse("sweep", $"it has {points.Length} points", $"at most {PartsMax}");
            points = points[..1];
        }

        return new(name, points, isChain: false);
    }

    /// <summary>Parameters to their values, in the order of the file.</summary>
    internal static IReadOnlyList<KeyValuePair<string, ImmutableArray<string>>> Grid(MappingReader reader)
    {
        const string Allowed = "a value or a list of them";
        List<KeyValuePair<string, ImmutableArray<string>>> grid = [];
        foreach (var parameter in reader.Keys)
        {
            ImmutableArray<string> values = [.. reader.Texts(parameter, Allowed).Select(static value => value.Text)];
            if (values.IsEmpty || values.Distinct().Count() != values.Length || !IsParameter(parameter))
            {
                reader.Refuse(parameter, "it has no value, a value twice, or no name that can stand in braces", "letters, digits and '_', no digit first, and different values");
                values = ["x"];
            }

            grid.Add(new(parameter, values));
        }

        return grid;
    }

    private static bool IsParameter(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !Placeholders.OfLaunch.Contains(name) && name is not ("member" or "scenario" or "date" or "path");

    private static ImmutableArray<IReadOnlyDictionary<string, string>> Numbered(int count, string number, string whole) =>
        [.. Enumerable.Range(1, count).Select(part => new Dictionary<string, string> { [number] = part.ToString(CultureInfo.InvariantCulture), [whole] = count.ToString(CultureInfo.InvariantCulture) })];
}
