using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Arrays;

/// <summary>A task that a worker of a stage has.</summary>
internal sealed record ArrayLease
{
    public required SegmentLink Segment { get; init; }

    /// <summary>Of its batch.</summary>
    public required long Serial { get; init; }

    public required int Task { get; init; }

    public required int Attempt { get; init; }

    /// <summary>Its number among all that this worker ever had.</summary>
    public required long Local { get; init; }

    public required TaskShape Shape { get; init; }

    public TaskDemand Demand => Shape.Demand;

    /// <summary>It did not run to an end, and waits again: its segment is to hear so.</summary>
    public void Return(long now) => Segment.Ends.Returned(Serial, Task, now);

    /// <summary>Its segment is to hear of its end.</summary>
    public void Tell(TaskEnd end, long now)
    {
        switch (end.Outcome)
        {
            case TaskOutcome.Completed:
                Segment.Ends.Completed(Serial, Task, end.Duration, now);
                break;
            case TaskOutcome.Returned:
                Return(now);
                break;
            default:
                var kind = end.Outcome switch { TaskOutcome.TimedOut => TaskFaultKind.TimedOut, TaskOutcome.NotStarted => TaskFaultKind.NotStarted, _ => TaskFaultKind.Failed };
                Segment.Ends.Failed(Serial, new() { Task = Task, Kind = kind, Code = end.Code }, end.Duration, now);
                break;
        }
    }
}
