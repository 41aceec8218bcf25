using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Definitions;

/// <summary>Reads stages by name, of a campaign or added to one: all of them as a graph, with loops, chains and sweeps unrolled.</summary>
internal static partial class StageMapping
{
    public const int StagesMax = 1000;

    private const string Allowed = "a mapping from stage name to stage, 1 to 1000 of them";

    /// <param name="parent">What holds <c>stages</c> and <c>defaults</c>.</param>
    /// <param name="existing">Stages that are there already.</param>
    /// <param name="words">Makes the placeholders for all names of stages.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static ImmutableArray<StageDefinition> Read(MappingReader parent, IReadOnlyList<StageDefinition> existing, Func<IReadOnlyCollection<string>, Placeholders> words, ProblemList problems)
    {
        var reader = parent.Value("stages") is { } node ? new MappingReader(node, "stages", problems, null) : null;
        string[] names = [.. reader?.Keys ?? []];
        if (reader is not null && names.Length is 0 or > StagesMax)
        {
            parent.Refuse("stages", $"there are {names.Length} stages", Allowed);
            return [];
        }

        var parts = names.Select(name => StageParts.Read(name, reader!.Value(name)!, problems)).OfType<StageParts>().ToDictionary(static one => one.Name);
        var all = new List<string>(existing.Select(static stage => stage.Name));
        foreach (var name in names)
        {
            foreach (var made in parts.TryGetValue(name, out var several) ? several.Names : [name])
            {
                if (all.Contains(made))
                {
                    problems.Add(reader!.Key(name), reader.PathOf(name), $"a stage \"{made}\" is there already", "names that differ, those of parts (NAME-1, …) too");
                }
                else if (!StageName().IsMatch(made))
                {
                    problems.Add(reader!.Key(name), reader.PathOf(name), $"\"{made}\" cannot name a stage", "1 to 60 letters, digits, '_' and '-'");
                }

                all.Add(made);
            }
        }

        if (reader is not null && all.Count - existing.Count > StagesMax)
        {
            parent.Refuse("stages", $"with all parts there are {all.Count - existing.Count} stages", $"at most {StagesMax}");
            return [];
        }

        var known = new HashSet<string>(all, StringComparer.Ordinal);
        var placeholders = words(known);
        foreach (var several in parts.Values)
        {
            placeholders.Own(several.Name, several.Words);
        }

        var stageReader = new StageReader(known, placeholders, problems);
        var defaults = parent.Value("defaults") is { } given ? stageReader.ReadDefaults(given) : new();
        if (reader is null)
        {
            return [];
        }

        var stages = ImmutableArray.CreateBuilder<StageDefinition>();
        var origins = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var several = parts.GetValueOrDefault(name);
            var stage = stageReader.Read(name, reader.Value(name)!, defaults, several);
            foreach (var other in several?.Same.Where(other => parts.GetValueOrDefault(other)?.Count != several.Count) ?? [])
            {
                problems.Add(reader.Key(name), $"stages.{name}.after.{other}.same", $"{other} has {parts.GetValueOrDefault(other)?.Count ?? 1} parts, {name} has {several!.Count}", "as many of both");
            }

            foreach (var made in several?.Unroll(stage) ?? [stage])
            {
                origins[made.Name] = name;
                stages.Add(made);
            }
        }

        Dictionary<string, IReadOnlyList<string>> after = new(StringComparer.Ordinal);
        Dictionary<string, IReadOnlyList<string>> waits = new(StringComparer.Ordinal);
        foreach (var stage in existing.Concat(stages))
        {
            after.TryAdd(stage.Name, [.. stage.After.Select(static dependency => dependency.Stage)]);
            waits.TryAdd(stage.Name, [.. WorkflowGraph.Named(stage.After, stage.Trigger?.When).Distinct()]);
        }

        // What an expression names is waited for, too.
        foreach (var cycle in new StageGraph(waits).Cycles())
        {
            var at = cycle.FirstOrDefault(origins.ContainsKey) is { } found ? origins[found] : names[0];
            problems.Add(reader.Key(at), $"stages.{at}.after", $"stages wait for each other: {string.Join(" → ", cycle)}", "dependencies without a cycle");
        }

        placeholders.CheckOrder(new StageGraph(after).WaitsFor);
        return stages.ToImmutable();
    }

    public static void Require(MappingReader parent) => parent.Require("stages", Allowed);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,60}\z")]
    private static partial Regex StageName();
}
