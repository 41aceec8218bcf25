using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>Which worker of which tasks this is, and what it has.</summary>
internal sealed record ArrayWorkerOptions
{
    public required TaskSetDefinition Tasks { get; init; }

    /// <summary>Of the attempt that it is.</summary>
    public required int Epoch { get; init; }

    /// <summary>The node on which it runs, by its key.</summary>
    public required string Node { get; init; }

    /// <summary>Gets where all tasks stand, as far as it is known here, now and then.</summary>
    public Action<TaskCounts> Tell { get; init; } = static _ => { };

    /// <summary>So long it tries to hand back what it has when it is to leave.</summary>
    public TimeSpan LeaveWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So long it has nothing to do while tasks wait that are never given to it; then it gives up.</summary>
    public TimeSpan StarvesFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When it is asked to leave; null: nobody knows. It begins nothing that would not have ended by then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>While it is doubtful whether tasks fail because of its node it looks so often how others get on.</summary>
    public TimeSpan LooksEach { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>How the work of a worker ended.</summary>
internal enum ArrayWorkerEnd
{
    Absent = 0,

    /// <summary>Every task of the set has its end.</summary>
    Finished = 1,

    /// <summary>It was asked to leave, or is about to be, and tasks are left.</summary>
    Left = 2,

    /// <summary>Its attempt is over: another one has, or will have, its tasks.</summary>
    Over = 3,

    /// <summary>Tasks fail on its node that others complete: another attempt is to take them elsewhere.</summary>
    BadNode = 4,
}
