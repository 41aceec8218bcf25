using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What follows when an attempt uses more than was declared: it is told, once for each resource, and where the stage says so the attempt is asked to leave, which counts as a failure.</summary>
internal static class Excesses
{
    public static void Note(SimulationDraft draft, int i, AttemptReport.UsesMore report)
    {
        var live = draft[i].Live!;
        if (report.Excess is not { Resource: not ExcessResource.Absent, Declared: > 0 } excess || live.Excesses.Any(known => known.Resource == excess.Resource))
        {
            return;
        }

        var stops = draft.DefinitionOf(i).OnExcess == ExcessAction.Stop;
        var text = $"it uses {excess.Tell()}{(stops ? "; it is asked to leave" : "")}";
        draft.Set(i, draft[i] with { Reason = text, Live = live with { Excesses = live.Excesses.Add(excess) } });
        draft.Emit(i, new()
        {
            Kind = EventKinds.UsesMoreThanDeclared,
            Text = $"{draft[i].Name}: {text}",
            Node = report.Node,
            Metrics = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("used", excess.Used).Add("declared", excess.Declared),
        });
        if (stops && draft[i] is { Status: StageStatus.Running, CheckpointsMade: > 0 } && draft.DefinitionOf(i).Signals is null)
        {
            // It is seen to make checkpoints: it makes one before it goes. Where a signal is declared for them the request to leave sends that first.
            var by = CheckpointTiming.OrderLast(draft, i);
            draft.SetLive(i, draft[i].Live! with { LeaveBy = by });
        }
        else if (stops)
        {
            Attempts.AskToLeave(draft, i, StopReason.Excess);
        }
    }

    /// <summary>When one that was asked for a last checkpoint goes without it; null: none was.</summary>
    public static DateTimeOffset? LeavesAt(StageState stage) => stage is { Status: StageStatus.Running, Live: { LeaveBy: { } by, StopBy: null } } ? by : null;

    /// <summary>It has made its last checkpoint, or takes too long for it.</summary>
    public static void Leave(SimulationDraft draft, int i)
    {
        if (LeavesAt(draft[i]) is not null)
        {
            Attempts.AskToLeave(draft, i, StopReason.Excess);
        }
    }

    /// <summary>What the attempt that was just closed is to ask for, for people; "": it used no more than it declared.</summary>
    public static string Told(AttemptState attempt) => attempt.Excesses.IsEmpty ? ""
        : $"it used {string.Join(" and ", attempt.Excesses.Select(static excess => excess.Tell()))}; ask for {string.Join(" and ", attempt.Excesses.Select(static excess => excess.Advise()))}";

    public static FailureDiagnosis Diagnose(AttemptState attempt) =>
        new() { Kind = FailureKind.ResourceExcess, Detection = FailureDetection.Metrics, Explanation = Told(attempt) };
}
