using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Nodes;

/// <content>What is seen of a node only as long as somebody looks, and what follows from it.</content>
public static partial class NodeMachine
{
    /// <summary>The status as it looks from here: an alive node is not seen until it is heard of by this activation.</summary>
    public static NodeStatus StatusOf(NodeState state, NodeSight sight)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        return state.Status == NodeStatus.Alive && !sight.IsHeard ? NodeStatus.NotSeen : state.Status;
    }

    /// <summary>When the node is to be given up unless it is heard of; null: there is nothing to wait for.</summary>
    public static DateTimeOffset? DueAt(NodeState state, NodeSight sight, NodePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        ArgumentNullException.ThrowIfNull(policy);
        return state.Status == NodeStatus.Alive ? SilentSince(sight) + Patience(sight, policy) : null;
    }

    /// <summary>When somebody must look at the node next, for silence or for the end of a quarantine; null: never.</summary>
    public static DateTimeOffset? WakeAt(NodeState state, NodeSight sight, NodePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(state);
        return DueAt(state, sight, policy) is { } due && (state.QuarantinedUntil is not { } until || due < until) ? due : state.QuarantinedUntil;
    }

    /// <summary>How long the node may be silent: a whole window, or less where its heartbeats were so regular that less says as much.</summary>
    private static TimeSpan Patience(NodeSight sight, NodePolicy policy)
    {
        if (!sight.IsHeard || sight.Beats.SilenceAt(policy.Suspicion) is not { } silence)
        {
            return policy.DetectionWindow;
        }

        return silence < policy.DetectionMin ? policy.DetectionMin : silence < policy.DetectionWindow ? silence : policy.DetectionWindow;
    }

    /// <summary>What follows from what is seen of a node that is alive: that it is degraded, or no longer; null: nothing.</summary>
    public static NodeInput? Judge(NodeState state, NodeSight sight, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        if (state.Status != NodeStatus.Alive)
        {
            return null;
        }

        if (state.Degraded == FailureKind.Absent)
        {
            return sight.Exhausted.Contains(FailureKind.MemoryExhaustion)
                    ? new NodeInput.Degraded(FailureKind.MemoryExhaustion, string.Create(CultureInfo.InvariantCulture, $"{sight.Pressure.Memory:P0} of its memory are used"))
                : sight.Exhausted.Contains(FailureKind.DiskFull)
                    ? new NodeInput.Degraded(FailureKind.DiskFull, "its file system has hardly any space or inodes left")
                : sight.Storage.StateAt(now) != CircuitState.Closed
                    ? new NodeInput.Degraded(FailureKind.StorageFailure, sight.Pressure.StorageFault ?? string.Create(
                        CultureInfo.InvariantCulture, $"its storage takes {sight.Pressure.StorageWait?.TotalSeconds:0} s to write a few bytes durably"))
                : sight is { IsHeard: true, Pressure.HealthFault: { } fault }
                    ? new NodeInput.Degraded(FailureKind.NodeDegraded, fault)
                : sight.Contention.IsContended(now)
                    ? new NodeInput.Degraded(
                        FailureKind.ResourceContention,
                        string.Create(CultureInfo.InvariantCulture, $"others use {sight.Pressure.ForeignLoad:P0} of its cores, and its own work gets on slower"))
                : null;
        }

        var isOver = state.Degraded switch
        {
            FailureKind.ResourceContention => sight.Contention.IsOver(now),
            FailureKind.NodeDegraded => sight.IsHeard && sight.Pressure.HealthFault is null,
            FailureKind.StorageFailure => sight.IsHeard && sight.Pressure.StorageWait is not null && sight.Storage == CircuitBreaker.Closed,
            _ => !sight.Exhausted.Contains(state.Degraded) && sight.IsHeard,
        };
        return isOver ? new NodeInput.Eased() : null;
    }

    /// <summary>
    /// Why the silence of what runs on it says nothing, as a sentence; null: it is in sight, and so long that what its agent had kept back has been told, and its storage answers.
    /// </summary>
    public static string? Unclear(NodeState state, NodeSight sight, NodePolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        ArgumentNullException.ThrowIfNull(policy);
        return StatusOf(state, sight) != NodeStatus.Alive ? $"{state.Id} is not in sight"
            : now - sight.HeardAt > policy.DetectionMin ? string.Create(CultureInfo.InvariantCulture, $"{state.Id} was last heard of {(now - sight.HeardAt)!.Value.TotalSeconds:0.0} s ago")
            : now - sight.HeardSince <= policy.Silence ? $"{state.Id} has only just come into sight"
            : state.Degraded == FailureKind.StorageFailure || sight.Storage != CircuitBreaker.Closed ? $"the storage of {state.Id} does not answer"
            : null;
    }

    /// <summary>What is seen after a heartbeat or a registration.</summary>
    public static NodeSight Hear(
        NodeSight sight, ImmutableArray<RunningAttempt> running, long wantedVersionDone, double cpuLoad, long memoryUsed, DateTimeOffset now, NodePressure? pressure = null, NodePolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(sight);
        var interval = sight.IsHeard ? now - sight.HeardAt!.Value : TimeSpan.Zero;

        // Heartbeats out of turn say nothing of how regular the others are.
        policy ??= DefaultPolicy;
        var counts = sight.IsHeard && interval >= policy.HeartbeatInterval / 2;
        sight = sight with
        {
            HeardSince = sight.IsHeard && interval <= policy.DetectionMin ? sight.HeardSince : now,
            Storage = pressure is null || SaysNothingOfStorage(pressure) ? sight.Storage
                : ResourceLimits.HasStorageFailed(pressure) ? sight.Storage.Failed(now) : sight.Storage.Succeeded(),
            Beats = counts ? sight.Beats.After(interval) : sight.Beats,
            Pressure = pressure is null ? sight.Pressure : SaysNothingOfStorage(pressure) ? pressure with { StorageWait = sight.Pressure.StorageWait, StorageFault = sight.Pressure.StorageFault } : pressure,
            Exhausted = pressure is null ? sight.Exhausted : ResourceLimits.Of(pressure, sight.Exhausted),
            Contention = pressure?.ForeignLoad is { } foreign ? sight.Contention.After(foreign, running.Min(static attempt => attempt.Pace), now) : sight.Contention,
        };
        var changed = !sight.IsHeard || sight.WantedVersionDone != wantedVersionDone || !SameProcesses(sight.Running, running);
        return sight with
        {
            HeardAt = now,
            Running = running,
            WantedVersionDone = wantedVersionDone,
            CpuLoad = cpuLoad,
            MemoryUsed = memoryUsed,
            Changes = changed ? sight.Changes + 1 : sight.Changes,
        };
    }

    /// <summary>A measurement is told once.</summary>
    private static bool SaysNothingOfStorage(NodePressure pressure) => pressure is { StorageWait: null, StorageFault: null };

    private static DateTimeOffset SilentSince(NodeSight sight) => sight.IsHeard ? sight.HeardAt!.Value : sight.WatchedSince;

    private static bool SameProcesses(ImmutableArray<RunningAttempt> left, ImmutableArray<RunningAttempt> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i].Attempt != right[i].Attempt || left[i].HasProcesses != right[i].HasProcesses)
            {
                return false;
            }
        }

        return true;
    }
}
