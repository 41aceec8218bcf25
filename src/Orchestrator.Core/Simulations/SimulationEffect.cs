using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>What a simulation owes the world; each is safe to do twice.</summary>
public abstract record SimulationEffect
{
    private SimulationEffect()
    {
    }

    /// <summary>Effects of one lane are done in order; lanes do not wait for each other.</summary>
    public abstract string Lane { get; }

    public sealed record AppendEvents(ImmutableArray<OrchestratorEvent> Events) : SimulationEffect
    {
        public override string Lane => "log";
    }

    /// <summary>Carries the whole state, of which the row is made.</summary>
    public sealed record WriteIndex(SimulationState State) : SimulationEffect
    {
        public override string Lane => "index";
    }

    public sealed record KeepHistory(SimulationId Simulation, ImmutableArray<HistoryDraft> Rows) : SimulationEffect
    {
        public override string Lane => "history";
    }

    /// <summary>Give the nodes back, or leave the queue; and say how it ended, where that is still known.</summary>
    public sealed record ReleaseLease(ClusterId Cluster, AttemptId Attempt, LeaseEnding? Ending = null) : SimulationEffect
    {
        /// <summary>What it is crossed off with.</summary>
        public SimulationInput.Released Done => new(Attempt, Ending is { Dead: true });

        // One lane for all that concerns one stage at the cluster: an epoch is returned before the next is asked for.
        public override string Lane => $"stage {Attempt.Stage}";
    }

    public sealed record RequestLease(ClusterId Cluster, LeaseRequest Request) : SimulationEffect
    {
        public override string Lane => $"stage {Request.Attempt.Stage}";
    }

    public sealed record OrderLease(ClusterId Cluster, LeaseOrder Order) : SimulationEffect
    {
        public override string Lane => $"stage {Order.Attempt.Stage}";
    }

    /// <summary>Asks where an attempt stands, and says when it last made a checkpoint.</summary>
    public sealed record ReadLease(ClusterId Cluster, AttemptId Attempt, DateTimeOffset? CheckpointedAt = null) : SimulationEffect
    {
        public override string Lane => $"stage {Attempt.Stage}";
    }

    /// <summary>Asks whether what is not heard of an attempt says anything of it: the nodes may be out of sight, or their storage away.</summary>
    public sealed record SeeNodes(AttemptId Attempt, ImmutableArray<NodeId> Nodes) : SimulationEffect
    {
        public override string Lane => $"nodes of {Attempt.Stage}";
    }

    public sealed record DeleteCheckpoint(CheckpointRecord Checkpoint) : SimulationEffect
    {
        public override string Lane => "checkpoints";
    }

    /// <summary>Removes files of an attempt that is over, unless the cluster says that it may still run: then everything stays.</summary>
    public sealed record ClearRun(ClusterId Cluster, RunClearing Clearing) : SimulationEffect
    {
        public override string Lane => "runs";
    }

    public sealed record RemoveReminder : SimulationEffect
    {
        public override string Lane => "reminder";
    }
}
