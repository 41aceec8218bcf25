using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// The life of a node.
/// <code>
///            Registered          Heard        SaidGoodbye  FellSilent   SetWanted, Ordered, Reported, Degraded, Eased, QuarantinePassed
/// Absent     Alive (registered)  illegal      illegal      illegal      nothing (the last four: illegal)
/// Alive      Alive               nothing      SeenDead     Lost         kept
/// Lost       Alive (recovered)   Alive        SeenDead     nothing      kept
/// SeenDead   Alive (registered)  nothing      nothing      nothing      kept
/// </code>
/// A node that recovers for the third time within an hour is quarantined: it gets no new work for a while.
/// What another instance than the present one says changes nothing.
/// </summary>
public static partial class NodeMachine
{
    private const int FailuresMax = 32;
    private static readonly NodePolicy DefaultPolicy = new();
    private const int FormerInstancesMax = 8;

    /// <summary>Beyond so many events that the log does not take, the newest stands for those that follow.</summary>
    private const int OutboxMax = 128;

    /// <summary>The state after an input; the same instance when nothing changes.</summary>
    /// <exception cref="InvalidTransitionException">No agent ever registered, but one speaks or falls silent.</exception>
    public static NodeState Step(NodeState state, NodeInput input, DateTimeOffset now, NodePolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        policy ??= DefaultPolicy;
        return (state.Status, input) switch
        {
            (_, NodeInput.Registered registered) => Register(state, registered, now, policy),
            (NodeStatus.Absent, NodeInput.SetWanted or NodeInput.Ordered) => state,
            (_, NodeInput.Logged logged) => Forget(state, logged.Sequence),
            (NodeStatus.Absent, _) => throw new InvalidTransitionException("node", state.Status.ToString(), input.GetType().Name),

            (NodeStatus.Lost, NodeInput.Heard heard) when heard.Instance == state.Instance =>
                Quarantine(Say(Changed(state) with { Status = NodeStatus.Alive, LastSeen = now }, EventKinds.NodeRecovered, now, $"{state.Id} is heard of again."), now, policy),
            (_, NodeInput.Heard) => state,

            (NodeStatus.Alive or NodeStatus.Lost, NodeInput.SaidGoodbye goodbye) when goodbye.Instance == state.Instance =>
                Say(Changed(state) with { Status = NodeStatus.SeenDead, LastSeen = now }, EventKinds.NodeLeft, now, $"The agent of {state.Id} ended on purpose."),
            (_, NodeInput.SaidGoodbye) => state,

            (NodeStatus.Alive, NodeInput.FellSilent silent) => GiveUp(state, silent.LastSeen, now),
            (_, NodeInput.FellSilent) => state,

            (_, NodeInput.SetWanted wanted) => wanted.Version <= state.WantedVersion
                ? state
                : Changed(state) with { WantedVersion = wanted.Version, Wanted = wanted.Leases },
            (_, NodeInput.Ordered ordered) => Order(Released(state, ordered, now), ordered, now),
            (_, NodeInput.Reported reported) => Say(
                Changed(state) with { HasReports = true }, EventKinds.FailureDetected, now, $"{state.Id}: {reported.Report.Text}", failure: reported.Report.Kind, reported: reported),
            (_, NodeInput.Degraded degraded) => Degrade(state, degraded, now),
            (_, NodeInput.Eased) => state.Degraded == FailureKind.Absent
                ? state
                : Say(Changed(state) with { Degraded = FailureKind.Absent, DegradedReason = null }, EventKinds.NodeEased, now, $"{state.Id} is as it should be again."),
            (_, NodeInput.QuarantinePassed) => state.QuarantinedUntil <= now
                ? Say(Changed(state) with { QuarantinedUntil = null }, EventKinds.NodeReleased, now, $"The quarantine of {state.Id} is over.")
                : state,
            _ => throw new InvalidTransitionException("node", state.Status.ToString(), input.GetType().Name),
        };
    }

    /// <summary>What is owed: events to the log, and a nudge to the cluster.</summary>
    public static IReadOnlyList<NodeEffect> Owed(NodeState state, NodeSight sight)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        if (state.Status == NodeStatus.Absent)
        {
            return [];
        }

        var owed = new List<NodeEffect>(2);
        if (!state.Outbox.IsEmpty)
        {
            // The last one of a full outbox may yet be another: it is sent once there is room.
            owed.Add(new NodeEffect.Publish(state.Cluster, state.Outbox.Length < OutboxMax ? state.Outbox : state.Outbox[..^1]));
        }

        if (sight.Told < sight.Changes)
        {
            owed.Add(new NodeEffect.Tell(state.Cluster, state.Id, sight.Changes));
        }

        return owed;
    }

    /// <summary>
    /// Why an agent may not have the node now, as a sentence; null: it may. A restarted agent gets it at once when its former instance said goodbye, was given up or rebooted
    /// away, and otherwise as soon as that one was silent for longer than a heartbeat may be late; until then it asks again.
    /// </summary>
    public static string? Refusal(NodeState state, NodeSight sight, NodeInput.Registered registration, NodePolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(sight);
        ArgumentNullException.ThrowIfNull(registration);
        ArgumentNullException.ThrowIfNull(policy);
        if (registration.Instance.Length == 0)
        {
            return "The registration names no instance of the agent.";
        }

        if (registration.Capabilities.Cores < 1 || registration.Capabilities.Memory < 0)
        {
            return $"A node has 1 core or more and no negative memory, not {registration.Capabilities.Cores} cores and {registration.Capabilities.Memory} bytes.";
        }

        if (state.Status is not NodeStatus.Alive || state.Instance == registration.Instance)
        {
            return null;
        }

        if (state.FormerInstances.Contains(registration.Instance))
        {
            return $"This instance of the agent of {state.Id} was replaced by another one.";
        }

        // A registration that was under way since before a reboot cannot know who has the node now; one that was told does.
        var rebooted = registration.Replaces == state.Instance
            && state.BootId.Length > 0 && registration.BootId.Length > 0 && state.BootId != registration.BootId && state.Capabilities.HostName == registration.Capabilities.HostName;
        var silentFor = now - SilentSince(sight);
        return rebooted || silentFor > policy.Silence
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Another agent of {state.Id} may be alive: it was {(sight.IsHeard ? "heard" : "not yet missed for longer than")} {silentFor.TotalSeconds:0.0} s ago. Try again after {policy.Silence.TotalSeconds:0.0} s.");
    }

    /// <summary>Throws nothing and changes nothing: names what must never be so of a stored node.</summary>
    public static IReadOnlyList<string> SanityCheck(NodeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var wrong = new List<string>();
        void Must(bool holds, string what)
        {
            if (!holds)
            {
                wrong.Add(what);
            }
        }

        Must(state.Status != NodeStatus.NotSeen, "not seen is never stored");
        Must(state.Status != NodeStatus.Absent || state.Version == 0, "an absent node changed");
        Must(state.Failures.Length <= FailuresMax, "the history of failures is not bounded");
        Must(state.FormerInstances.Length <= FormerInstancesMax, "the former instances are not bounded");
        Must(!state.FormerInstances.Contains(state.Instance), "the present instance is a former one");
        Must(state.Outbox.Length <= OutboxMax, "the outbox is not bounded");
        Must(state.Drain is NodeVerb.Absent or NodeVerb.Drain or NodeVerb.DrainWhenIdle, "a drain is no drain");
        Must(state.Outbox.Select(static occurrence => occurrence.Sequence)
            .SequenceEqual(Enumerable.Range(0, state.Outbox.Length).Select(i => state.EventSequence - state.Outbox.Length + 1 + i)), "the outbox has gaps");
        return wrong;
    }

    private static NodeState Register(NodeState state, NodeInput.Registered by, DateTimeOffset now, NodePolicy policy)
    {
        var isSameStart = state.Status == NodeStatus.Alive && state.Instance == by.Instance;
        if (isSameStart
            && state.Capabilities == by.Capabilities && state.User == by.User && state.AllocationEnd == by.AllocationEnd
            && state.Cluster == by.Cluster && state.BootId == by.BootId && state.AgentVersion == by.AgentVersion)
        {
            return state;
        }

        var after = Changed(state) with
        {
            Id = by.Node,
            Cluster = by.Cluster,
            Status = NodeStatus.Alive,
            Capabilities = by.Capabilities,
            User = by.User,
            AllocationEnd = by.AllocationEnd,
            Instance = by.Instance,
            AgentVersion = by.AgentVersion,
            BootId = by.BootId,
            RegisteredAt = now,
            LastSeen = now,
        };
        if (state.Status != NodeStatus.Absent && state.Cluster != by.Cluster)
        {
            // Versions are of the former cluster's counting; the new one says what it wants.
            after = after with { Wanted = [], WantedVersion = 0 };
        }

        if (state.Instance != by.Instance)
        {
            after = after with { FormerInstances = Newest(state.FormerInstances.Remove(by.Instance), state.Instance, FormerInstancesMax) };
        }

        return isSameStart ? after : state.Status switch
        {
            NodeStatus.Lost => Quarantine(Say(after, EventKinds.NodeRecovered, now, $"{by.Node} is back with a new agent."), now, policy),
            NodeStatus.Alive => Say(after, EventKinds.NodeRegistered, now, $"The agent of {by.Node} was restarted."),
            _ => Say(after, EventKinds.NodeRegistered, now, $"{by.Node} registered with {by.Capabilities.Cores} cores."),
        };
    }

    private static NodeState GiveUp(NodeState state, DateTimeOffset? lastSeen, DateTimeOffset now)
    {
        var seen = lastSeen ?? state.LastSeen;
        var noticedAfter = now - seen;
        var after = Changed(state) with { Status = NodeStatus.Lost, LastSeen = seen, Failures = Newest(state.Failures, now, FailuresMax) };
        return Say(
            after,
            EventKinds.NodeLost,
            now,
            noticedAfter is { } silence
                ? string.Create(CultureInfo.InvariantCulture, $"{state.Id} was not heard of for {silence.TotalSeconds:0.0} s and is given up.")
                : $"{state.Id} was not heard of and is given up.",
            noticedAfter,
            FailureKind.NodeOffline);
    }

    private static NodeState Degrade(NodeState state, NodeInput.Degraded by, DateTimeOffset now)
    {
        if (state.Degraded != FailureKind.Absent)
        {
            return state;
        }

        var after = Changed(state) with { Degraded = by.Kind, DegradedReason = by.Reason };
        return Say(after, EventKinds.NodeDegraded, now, $"{state.Id} is degraded and gets no new work: {by.Reason}.", failure: by.Kind);
    }

    /// <summary>A node that came back too often is kept from work; a quarantine that runs is never shortened.</summary>
    private static NodeState Quarantine(NodeState state, DateTimeOffset now, NodePolicy policy)
    {
        if (policy.Quarantine.Of(state.Failures, now) is not { } length || state.QuarantinedUntil >= now + length)
        {
            return state;
        }

        return Say(
            state with { QuarantinedUntil = now + length },
            EventKinds.NodeQuarantined,
            now,
            $"{state.Id} comes and goes: it gets no new work for {DurationWords.Of(length)}.");
    }

    /// <summary>Who takes a node into service answers for it.</summary>
    private static NodeState Released(NodeState state, NodeInput.Ordered order, DateTimeOffset now) => order.Verb == NodeVerb.Resume && state.QuarantinedUntil is not null
        ? Say(Changed(state) with { QuarantinedUntil = null, Failures = [] }, EventKinds.NodeReleased, now, $"The quarantine of {state.Id} was ended by an operator.")
        : state;

    private static NodeState Order(NodeState state, NodeInput.Ordered order, DateTimeOffset now)
    {
        var drain = order.Verb == NodeVerb.Resume ? NodeVerb.Absent : order.Verb;
        var reason = drain == NodeVerb.Absent ? null : order.Reason;
        if (order.Verb == NodeVerb.Resume && state.HasReports)
        {
            // Who takes it into service says that what people saw of it is over.
            return Say(Changed(state) with { Drain = drain, DrainReason = null, HasReports = false }, EventKinds.NodeResumed, now, $"{state.Id} takes work again.");
        }

        if (order.Verb == NodeVerb.Absent || drain == state.Drain && (reason == state.DrainReason || reason is null))
        {
            return state;
        }

        var after = Changed(state) with { Drain = drain, DrainReason = reason };
        var because = string.IsNullOrEmpty(reason) ? "" : $": {reason}";
        return drain switch
        {
            NodeVerb.Absent => Say(after, EventKinds.NodeResumed, now, $"{state.Id} takes work again."),
            NodeVerb.DrainWhenIdle => Say(after, EventKinds.NodeDraining, now, $"{state.Id} takes no new work; what runs may end{because}."),
            _ => Say(after, EventKinds.NodeDraining, now, $"{state.Id} is drained{because}."),
        };
    }

    private static NodeState Forget(NodeState state, long sequence)
    {
        var left = state.Outbox.RemoveAll(occurrence => occurrence.Sequence <= sequence);
        return left.Length == state.Outbox.Length ? state : state with { Outbox = left };
    }

    private static NodeState Changed(NodeState state) => state with { Version = state.Version + 1 };

    private static NodeState Say(NodeState state, string kind, DateTimeOffset now, string text, TimeSpan? noticedAfter = null, FailureKind failure = FailureKind.Absent, NodeInput.Reported? reported = null)
    {
        // While the log is away a node that comes and goes would fill its record: what is newest is told then, and how often.
        var isFull = state.Outbox.Length >= OutboxMax;
        var merged = isFull ? state.MergedEvents + 1 : 0;
        var sequence = isFull ? state.EventSequence : state.EventSequence + 1;
        text = isFull ? string.Create(CultureInfo.InvariantCulture, $"{text} ({merged} events before it were not kept while the log was away.)") : text;
        var number = failure == FailureKind.Absent ? state.FailuresSeen : state.FailuresSeen + 1;
        return state with
        {
            EventSequence = sequence,
            FailuresSeen = number,
            MergedEvents = merged,
            Outbox = (isFull ? state.Outbox.RemoveAt(state.Outbox.Length - 1) : state.Outbox).Add(new()
            {
                Kind = kind,
                Source = state.Id.Value,
                Sequence = sequence,
                At = now,
                Text = text,
                Node = state.Id,
                Status = state.Status.ToString(),
                User = state.User.Length == 0 ? null : state.User,
                NoticedAfter = noticedAfter,
                By = reported?.By,
                Failure = reported is { Report: var seen } ? new FailureRecord
                {
                    Number = number,
                    Kind = seen.Kind,
                    Severity = seen.Severity == FailureSeverity.Absent ? FailureKinds.SeverityOf(seen.Kind) : seen.Severity,
                    Detection = FailureDetection.Manual,
                    Node = state.Id,
                    Text = text,
                    Explanation = $"reported by {reported.By ?? "a person"}",
                    ReportedBy = reported.By,
                    OccurredAt = seen.OccurredAt is { } at && at < now ? at : now,
                    DetectedAt = now,
                }
                : failure == FailureKind.Absent ? null : new()
                {
                    Number = number,
                    Kind = failure,
                    Severity = FailureKinds.SeverityOf(failure),
                    Detection = failure == FailureKind.NodeOffline ? FailureDetection.Heartbeat : FailureDetection.Metrics,
                    Node = state.Id,
                    Text = text,
                    OccurredAt = now - (noticedAfter ?? TimeSpan.Zero),
                    DetectedAt = now,
                    Strategy = failure == FailureKind.NodeOffline ? RecoveryStrategy.Migrate : RecoveryStrategy.Ignore,
                },
            }),
        };
    }

    private static ImmutableArray<T> Newest<T>(ImmutableArray<T> list, T added, int max)
    {
        if (added is string { Length: 0 })
        {
            return list;
        }

        var longer = list.Add(added);
        return longer.Length <= max ? longer : longer.RemoveRange(0, longer.Length - max);
    }
}
