using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Reports;

/// <summary>Reads losses and recoveries out of events.</summary>
internal static class Losses
{
    /// <summary>Each attempt that ended because a node was lost, in the order of the events.</summary>
    public static ImmutableArray<Loss> Of(IReadOnlyList<OrchestratorEvent> events, Func<SimulationId, string> nameOf)
    {
        var losses = ImmutableArray.CreateBuilder<Loss>();
        for (var index = 0; index < events.Count; index++)
        {
            if (events[index] is { Kind: EventKinds.AttemptEnded, Simulation: { } simulation, Stage: { } stage, Epoch: { } epoch } ended && IsNodeLost(ended.End))
            {
                losses.Add(Read(events, index, new AttemptId(simulation, stage, epoch), nameOf(simulation)));
            }
        }

        return losses.ToImmutable();
    }

    private static Loss Read(IReadOnlyList<OrchestratorEvent> events, int index, AttemptId attempt, string name)
    {
        var ended = events[index];
        var mine = events.Where(seen => seen.Simulation == attempt.Simulation && seen.Stage == attempt.Stage).ToArray();
        var next = mine.Where(seen => seen.Kind == EventKinds.StageStarted && seen.Epoch > attempt.Epoch).MinBy(static seen => seen.Epoch);
        var lastStep = ended.Step is >= 0 ? ended.Step : mine.LastOrDefault(seen => seen.Epoch == attempt.Epoch && seen.Step is >= 0)?.Step;
        var restored = next?.Checkpoint is not { } checkpoint ? null
            : mine.FirstOrDefault(seen => seen.Kind == EventKinds.CheckpointCommitted && seen.Checkpoint == checkpoint)?.Step ?? (next.Step is >= 0 ? next.Step : null);
        var node = ended.Node?.Value;
        var lost = events.Where(seen => seen.Kind == EventKinds.NodeLost && (node is null || seen.Node?.Value == node)).MinBy(seen => (seen.At - ended.At).Duration());
        return new()
        {
            Attempt = attempt,
            SimulationName = name,
            At = ended.At,
            Node = node is null ? null : ReportText.Node(node),
            NoticedAfter = ended.NoticedAfter ?? lost?.NoticedAfter,
            LastStep = lastStep,
            WentOnAt = next?.At,
            WentOnOn = next?.Node is { } on ? ReportText.Node(on.Value) : null,
            Checkpoint = next?.Checkpoint,
            RestoredStep = restored,
            StepsAgain = next?.StepsAgain ?? ended.StepsAgain ?? (next is null || lastStep is null ? null : Math.Max(0, lastStep.Value - (restored ?? 0))),
        };
    }

    private static bool IsNodeLost(string? end) => string.Equals(end?.Replace("-", "", StringComparison.Ordinal), nameof(AttemptEnd.NodeLost), StringComparison.OrdinalIgnoreCase);
}
