using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <content>Stages and edges that are added to a simulation, with the limits that keep it of a bearable size.</content>
internal static partial class Steering
{
    private const int KeyMax = 120;

    private static ImmutableArray<string> OfAddition(SimulationState state, StageAddition addition, SimulationPolicy policy)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (addition.Key.Length is 0 or > KeyMax)
        {
            problems.Add(FormattableString.Invariant($"key: it has {addition.Key.Length} characters; 1 to {KeyMax} are allowed."));
        }

        if (state.Additions.TryGetValue(addition.Key, out var before))
        {
            return before == Print(addition) ? [] : [$"key: '{addition.Key}' was used for another addition; another key is needed."];
        }

        if (state.IsFinal || state.Status == SimulationStatus.Cancelling)
        {
            return [$"the simulation is {SimulationDraft.Name(state.Status)}: nothing can be added to it."];
        }

        if (addition.Stages.IsDefaultOrEmpty && addition.Edges.IsDefaultOrEmpty)
        {
            problems.Add("stages: there is none, and no edge; at least one is needed.");
        }

        var whole = state.Stages.Length + addition.Stages.Length;
        Limit(whole, policy.StagesMax, $"stages: the simulation would have {whole} stages");
        var edges = state.Definition.Stages.Sum(static stage => stage.After.Length) + addition.Stages.Sum(static stage => stage.After.Length) + addition.Edges.Length;
        Limit(edges, policy.EdgesMax, $"edges: the simulation would have {edges} dependencies");
        Limit(state.Additions.Count + 1, policy.AdditionsMax, $"key: it would be addition {state.Additions.Count + 1}");
        if (addition.Parent is { } parent && state.IndexOf(parent) is var at and >= 0)
        {
            var own = state.Stages.Count(stage => stage.AddedBy == parent) + addition.Stages.Length;
            var family = FamilyOf(state.Stages[at]);
            var ofFamily = state.Stages.Count(stage => stage.Family == family) + addition.Stages.Length;
            Limit(own, policy.StagesAddedByOneMax, $"stages: stage {parent} would have added {own}");
            Limit(ofFamily, policy.StagesOfFamilyMax, $"stages: stage {family} and what came of it would have added {ofFamily}");
            Limit(state.Stages[at].Generation + 1, policy.GenerationsMax, $"stages: those that were added by added ones would be {state.Stages[at].Generation + 1} generations deep");
        }
        else if (addition.Parent is { } missing)
        {
            problems.Add($"parent: there is no stage '{missing}'.");
        }

        var added = new HashSet<AddedEdge>();
        var named = addition.Stages.DistinctBy(static stage => stage.Name).ToDictionary(static stage => stage.Name, StringComparer.Ordinal);
        foreach (var edge in addition.Edges)
        {
            var place = state.IndexOf(edge.Stage);
            var waits = place >= 0 ? state.Definition.Stages[place] : named.GetValueOrDefault(edge.Stage);
            if (!added.Add(edge) || waits?.After.Contains(edge.Dependency) == true)
            {
                problems.Add($"edges.{edge.Stage}: it waits for {edge.Dependency.Stage} in this way already.");
            }
            else if (place >= 0 && state.Stages[place] is { } stage && (stage.Status != StageStatus.Waiting || stage.Epoch > 0))
            {
                problems.Add($"edges.{edge.Stage}: it is {SimulationDraft.Name(stage.Status)}; only a stage that still waits, and never ran, can be made to wait for more.");
            }
            else if (waits is null)
            {
                problems.Add($"edges.{edge.Stage}: there is no such stage.");
            }
        }

        if (problems.Count == 0)
        {
            var grown = Grown(state.Definition, addition);
            problems.AddRange(SimulationRules.Problems(grown));
            var bytes = JsonSerializer.SerializeToUtf8Bytes(grown).Length;
            Limit(bytes, policy.DefinitionBytesMax, $"stages: the definition would have {bytes} bytes");
        }

        return problems.ToImmutable();

        void Limit(int count, int most, string what)
        {
            if (count > most)
            {
                problems.Add(FormattableString.Invariant($"{what}; at most {most} are allowed."));
            }
        }
    }

    private static void Add(SimulationDraft draft, StageAddition addition, string by)
    {
        var state = draft.State;
        if (state.Additions.ContainsKey(addition.Key))
        {
            return;
        }

        var parent = addition.Parent is { } name && state.IndexOf(name) is var at and >= 0 ? state.Stages[at] : null;
        var submitted = state.SubmittedStages == 0 ? state.Stages.Length : state.SubmittedStages;
        var originals = state.Originals;
        foreach (var edge in addition.Edges)
        {
            if (state.IndexOf(edge.Stage) is var place && place >= 0 && place < submitted && !originals.ContainsKey(edge.Stage))
            {
                originals = originals.Add(edge.Stage, state.Definition.Stages[place]);
            }
        }

        draft.Set(state with
        {
            Definition = Grown(state.Definition, addition),
            SubmittedStages = submitted,
            Originals = originals,
            Additions = state.Additions.Add(addition.Key, Print(addition)),
            Stages = state.Stages.AddRange(addition.Stages.Select(stage => new StageState
            {
                Name = stage.Name,
                Status = StageStatus.Waiting,
                Estimate = stage.EstimatedDuration,
                AddedBy = parent?.Name,
                Family = parent is null ? "" : FamilyOf(parent),
                Generation = parent is null ? 0 : parent.Generation + 1,
            })),
        });
        foreach (var stage in addition.Stages)
        {
            draft.Keep(Estimates.Row(draft, stage, stage.EstimatedDuration, progress: 0));
        }

        string[] what = [.. addition.Stages.Select(static stage => stage.Name), .. addition.Edges.Select(static edge => $"{edge.Dependency.Stage} → {edge.Stage}")];
        draft.Emit(new() { Kind = EventKinds.StagesAdded, Text = $"{by} added {string.Join(", ", what.Take(20))}{(what.Length > 20 ? FormattableString.Invariant($" and {what.Length - 20} more") : "")}", Stage = parent?.Name });
    }

    private static SimulationDefinition Grown(SimulationDefinition definition, StageAddition addition)
    {
        StageDefinition[] stages = [.. definition.Stages, .. addition.Stages];
        var wanted = addition.Edges.ToLookup(static edge => edge.Stage, static edge => edge.Dependency, StringComparer.Ordinal);
        HashSet<string> done = new(StringComparer.Ordinal);
        for (var place = 0; place < stages.Length && wanted.Count > 0; place++)
        {
            if (wanted.Contains(stages[place].Name) && done.Add(stages[place].Name))
            {
                stages[place] = stages[place] with { After = [.. stages[place].After, .. wanted[stages[place].Name]] };
            }
        }

        return definition with { Stages = [.. stages] };
    }

    /// <summary>Lists that were left out are empty ones.</summary>
    private static StageAddition Whole(StageAddition addition) =>
        addition.Stages.IsDefault || addition.Edges.IsDefault || addition.Key is null
            ? addition with { Key = addition.Key ?? "", Stages = addition.Stages.IsDefault ? [] : addition.Stages, Edges = addition.Edges.IsDefault ? [] : addition.Edges }
            : addition;

    private static string FamilyOf(StageState stage) => stage.Family.Length > 0 ? stage.Family : stage.Name;

    /// <summary>Tells two additions under one key apart, in few letters.</summary>
    private static string Print(StageAddition addition)
    {
        var text = JsonSerializer.Serialize(addition with { Parent = null });
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..16];
    }
}
