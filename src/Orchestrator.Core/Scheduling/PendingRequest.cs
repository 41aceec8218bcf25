using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling;

/// <summary>One attempt that waits for nodes.</summary>
public sealed record PendingRequest
{
    public AttemptId Attempt { get; init; }

    public ResourceRequest Resources { get; init; } = new();

    public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>Smaller is earlier; what is equal in everything else goes in this order.</summary>
    public long SubmissionOrder { get; init; }

    /// <summary>Since when it could run: its dependencies are satisfied and nothing holds it. Age counts from here.</summary>
    public DateTimeOffset QueuedSince { get; init; }

    /// <summary>
    /// How long the attempt holds its nodes at most; for a stage that is cut into segments, the segment. Reservations hold for so long.
    /// Null: not known, so that only nodes without a known end can take it.
    /// </summary>
    public TimeSpan? DurationEstimate { get; init; }

    /// <summary>What was learned: how long it is likely to run (median), never above <see cref="DurationEstimate"/>. Null: nothing was.</summary>
    public TimeSpan? DurationExpected { get; init; }

    /// <summary>With <see cref="DurationExpected"/>: it ends later in one of ten cases.</summary>
    public TimeSpan? DurationHigh { get; init; }

    /// <summary>Nodes that must not be used, for instance those on which earlier tries failed.</summary>
    public ImmutableHashSet<NodeId> Avoid { get; init; } = [];

    /// <summary>Whose work it is; an empty user is nobody's, whose work only nodes run that take anyone's.</summary>
    public Ownership Owner { get; init; } = new();

    public string User => Owner.User;

    /// <summary>What kind of work it is, for what is learned of kinds ("animation", "climate/coupled").</summary>
    public string JobType { get; init; } = "";

    /// <summary>The whole simulation must be done by then.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long its simulation needs from its start on, along the critical path; null: as long as the attempt.</summary>
    public TimeSpan? WorkAhead { get; init; }

    /// <summary>0 to 1: what its scenario promises; 0.5: nothing is known.</summary>
    public double Promise { get; init; } = 0.5;

    /// <summary>The share of its scenario, where steering rules by shares; null: nothing divides its work from others'.</summary>
    public ScenarioShare? Share { get; init; }

    /// <summary>0 to 1: set by an operator or the owner in place of the computed priority; null: computed.</summary>
    public double? PriorityOverride { get; init; }

    /// <summary>The highest class among those that wait for it; absent: nobody does.</summary>
    public PriorityClass Inherited { get; init; }

    /// <summary>Not preempted once it runs (invariant 7).</summary>
    public bool Protected { get; init; }

    /// <summary>It can be stopped at a checkpoint and go on later, so that it may start although it does not end before a window.</summary>
    public bool CanCheckpoint { get; init; }

    /// <summary>The reservation in which it wants to run; "": none.</summary>
    public string Reservation { get; init; } = "";

    /// <summary>Names of what it reads: a node that holds all of it is preferred.</summary>
    public ImmutableArray<string> Data { get; init; } = [];

    /// <summary>It draws much power for what it is; such work is put off first when energy is dear.</summary>
    public bool EnergyIntensive { get; init; }

    /// <summary>How often it was preempted.</summary>
    public int Preemptions { get; init; }
}
