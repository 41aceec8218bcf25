using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What an agent that leads an attempt is told to start.</summary>
internal static class Launches
{
    public static LaunchSpecification? Of(SimulationState state, AttemptId attempt, NodeId node, out string? refusal)
    {
        var i = state.Status == SimulationStatus.Absent ? -1 : state.IndexOf(attempt.Stage);
        if (i < 0)
        {
            refusal = $"there is no {attempt}";
            return null;
        }

        var stage = state.Stages[i];
        if (stage.Live is not { } live || live.Epoch != attempt.Epoch)
        {
            refusal = FormattableString.Invariant($"{attempt} is over; the newest epoch of the stage is {stage.Epoch}");
            return null;
        }

        if (!live.IsGranted)
        {
            refusal = $"{attempt} does not hold its nodes";
            return null;
        }

        if (live.Shares[0].Node != node)
        {
            refusal = $"{live.Shares[0].Node} leads {attempt}, not {node}";
            return null;
        }

        refusal = null;
        var definition = Recoveries.AsRun(state, i);
        definition = definition.Tasks is null ? definition : definition with { Tasks = TaskSetDefinition.Whole(state.Definition.Stages, definition) };
        var restore = live.Restore.Select(name => CheckpointCatalogue.Find(stage, name)!).Where(static record => record is not null && CheckpointCatalogue.IsRestorable(record)).ToArray();
        return new()
        {
            Attempt = attempt,
            Stage = stage.CheckpointPolicy is { } changed ? definition with { Checkpoint = changed } : definition,
            Owner = state.Definition.Owner,
            Shares = live.Shares,
            Restore = [.. restore],
            PublishedStages = [.. state.Stages.Where(static other => other.Status == StageStatus.Completed).Select(static other => other.Name)],
            EndTime = live.EndTime,
            PublishOnlyEpoch = live.PublishOnlyEpoch,
            Results = Results(state, i),
            WorkBefore = restore.Length == 0 ? TimeSpan.Zero : restore[0].WorkSaved,
        };
    }

    private static ImmutableArray<StageOutcome> Results(SimulationState state, int i)
    {
        var found = ImmutableArray.CreateBuilder<StageOutcome>();
        var seen = new HashSet<int>();
        var open = new Queue<int>([i]);
        while (open.TryDequeue(out var place) && found.Count < LaunchSpecification.ResultsMax)
        {
            foreach (var edge in state.Definition.Stages[place].After)
            {
                var before = state.IndexOf(edge.Stage);
                if (before < 0 || !seen.Add(before) || found.Count >= LaunchSpecification.ResultsMax)
                {
                    continue;
                }

                // A barrier has no results of its own: what it stands for has.
                if (state.Definition.Stages[before].Kind == StageKind.Barrier)
                {
                    open.Enqueue(before);
                    continue;
                }

                var (stage, facts) = (state.Stages[before], Readiness.Facts(state.Stages[before]));
                found.Add(new() { Stage = stage.Name, Status = stage.Status, ExitStatus = stage.ExitStatus, Metrics = stage.Metrics, Artifacts = facts.Artifacts });
            }
        }

        return found.ToImmutable();
    }
}
