using System.Collections.Frozen;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Terminal;

/// <summary>Events as lines for people.</summary>
internal static class EventText
{
    private static readonly FrozenSet<string> Quiet = FrozenSet.ToFrozenSet(
    [
        EventKinds.StageProgressed, EventKinds.StageQueued, EventKinds.StageGranted, EventKinds.CheckpointOrdered, EventKinds.CheckpointDeleted, EventKinds.CheckpointProven,
        EventKinds.PreviewOrdered,
        EventKinds.EstimateChanged, EventKinds.ScenarioEvaluated, EventKinds.ScenarioReprioritized,
    ]);

    /// <summary>Worth a line unless everything was asked for.</summary>
    public static bool IsNews(OrchestratorEvent happened) => !Quiet.Contains(happened.Kind);

    public static bool IsEnd(OrchestratorEvent happened) =>
        happened.Kind is EventKinds.SimulationCompleted or EventKinds.SimulationFailed or EventKinds.SimulationCancelled;

    /// <summary><c>14:03:12  s-co2.control.1  coupled checkpointed at step 400</c>.</summary>
    public static string Line(OrchestratorEvent happened, DateTimeOffset now)
    {
        var about = happened.Simulation?.Value ?? happened.Source;
        return $"{Words.Time(happened.At, now)}  {about}  {happened.Text}";
    }
}
