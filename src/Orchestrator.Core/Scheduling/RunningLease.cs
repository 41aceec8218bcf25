using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling;

/// <summary>One attempt that holds nodes, as far as they are not free again.</summary>
public sealed record RunningLease
{
    public AttemptId Attempt { get; init; }

    /// <summary>One for each node that is still taken; the first is the lead's.</summary>
    public ImmutableArray<NodeShare> Shares { get; init; } = [];

    public ResourceRequest Resources { get; init; } = new();

    public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    public Ownership Owner { get; init; } = new();

    public string JobType { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ends at the latest by its estimate; null: not known. One in the past is overrun: it is taken to end any moment.</summary>
    public DateTimeOffset? EndsBy { get; init; }

    /// <summary>When it is likely to end by what was learned; null: nothing was.</summary>
    public DateTimeOffset? EndExpected { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Not preempted, but by a critical window or an operator (invariant 7).</summary>
    public bool Protected { get; init; }

    public bool CanCheckpoint { get; init; }

    /// <summary>To when the work goes back that is lost if it stopped without a new checkpoint: its newest intact or proven one; null: its start.</summary>
    public DateTimeOffset? CheckpointedAt { get; init; }

    /// <summary>What a stop and a new start cost beside the work that is lost.</summary>
    public TimeSpan RestartCost { get; init; }

    /// <summary>It was asked to leave, and is gone by then; null: it was not.</summary>
    public DateTimeOffset? StopBy { get; init; }

    /// <summary>When its simulation was preempted, newest last, of the last 24 hours.</summary>
    public ImmutableArray<DateTimeOffset> Preempted { get; init; } = [];

    /// <summary>The reservation in which it runs; "": none.</summary>
    public string Reservation { get; init; } = "";

    /// <summary>It is over and waits only for its processes to be gone: its shares are not free yet, and nobody can stop it sooner.</summary>
    public bool Ending { get; init; }

    /// <summary>Time that its program gets between the request to leave and KILL, beside that for a checkpoint.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>False: its owner lets nobody have it make way; windows and operators still do.</summary>
    public bool Preemptible { get; init; } = true;

    /// <summary>Others made way for it: only a higher class has it make way in turn, so that nobody takes turns.</summary>
    public bool StartedByPreemption { get; init; }
}
