using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling;

/// <summary>The machine and its queue, kept from plan to plan; a plan costs what is new and what is tried, not what stayed.</summary>
public sealed partial class SchedulingWorkspace : ISchedulingWorkspace, ISchedulingView
{
    private readonly NodeTable table = new();
    private readonly Dictionary<AttemptId, PendingEntry> byAttempt = [];
    private readonly Dictionary<PendingRequest, PendingEntry> byRequest = new(ReferenceEqualityComparer.Instance);

    /// <summary>The same, side by side: each rule of each plan looks at all of them, and the order knows them by their places.</summary>
    private readonly List<PendingRequest> pending = [];
    private readonly List<PendingEntry> entries = [];
    private readonly SchedulerParts parts;
    private readonly IRequestOrder order;

    public SchedulingWorkspace(SchedulingSettings settings, SchedulerParts parts)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(parts);
        Settings = settings;
        this.parts = parts;
        order = parts.Order();
    }

    /// <summary>In force from the next plan on.</summary>
    public SchedulingSettings Settings { get; set; }

    /// <inheritdoc/>
    public IReadOnlyCollection<SchedulableNode> Nodes => table.Nodes;

    /// <inheritdoc/>
    public IReadOnlyCollection<RunningLease> Running => table.Leases;

    /// <inheritdoc/>
    public IReadOnlyCollection<PendingRequest> Pending => pending;

    /// <inheritdoc/>
    public SchedulingContext Context => table.Context;

    /// <summary>What the plan that is being made found out so far; null: none is being made.</summary>
    internal PlanMemo? Memo { get; private set; }

    /// <summary>Where victims are sought, kept from plan to plan for its room.</summary>
    internal VictimSearch Victims { get; } = new(new());

    /// <summary>When those that run may be asked to make way, kept from plan to plan for what does not change of it.</summary>
    internal VictimMoments VictimMoments { get; } = new();

    /// <summary>Who must leave for what is arranged, kept from plan to plan for what does not change of it.</summary>
    internal DrainWatch Drains { get; } = new();

    /// <summary>What accounts hold, kept from plan to plan for what does not change of it.</summary>
    internal HeldCores Held { get; } = new();

    /// <summary>All that run on any of these nodes, each once. Good until it is asked again.</summary>
    internal IReadOnlyCollection<RunningLease> RunningOn(IEnumerable<NodeId> nodes) => table.LeasesOn(nodes);

    /// <summary>Null: it is not known.</summary>
    internal SchedulableNode? NodeOf(NodeId node) => table.NodeOf(node);

    /// <summary>A node that is not known, and that something runs on; null: there is none.</summary>
    internal NodeId? Unknown => table.Unknown;

    /// <summary>Whether there is such a node.</summary>
    public bool Knows(NodeId node) => table.HasNode(node);

    /// <summary>Whether the attempt waits.</summary>
    public bool Waits(AttemptId attempt) => byAttempt.ContainsKey(attempt);

    /// <summary>Whether the attempt runs.</summary>
    public bool Runs(AttemptId attempt) => table.HasLease(attempt);

    /// <summary>So much is told next.</summary>
    internal void Reserve(int nodes, int leases, int requests)
    {
        table.Reserve(nodes, leases);
        byAttempt.EnsureCapacity(requests);
        byRequest.EnsureCapacity(requests);
        pending.EnsureCapacity(requests);
        entries.EnsureCapacity(requests);
    }

    /// <inheritdoc/>
    public void SetNode(SchedulableNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        table.SetNode(node);
    }

    /// <inheritdoc/>
    public void RemoveNode(NodeId node) => table.RemoveNode(node);

    /// <inheritdoc/>
    public void Enqueue(PendingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = new PendingEntry(request);
        if (!byAttempt.TryAdd(request.Attempt, entry))
        {
            Withdraw(request.Attempt);
            byAttempt.Add(request.Attempt, entry);
        }

        entry.Place = entries.Count;
        byRequest.Add(request, entry);
        entries.Add(entry);
        pending.Add(request);
    }

    /// <inheritdoc/>
    public void Withdraw(AttemptId attempt)
    {
        if (byAttempt.Count > 0 && byAttempt.Remove(attempt, out var entry))
        {
            byRequest.Remove(entry.Request);
            var last = entries[^1];
            (entries[entry.Place], pending[entry.Place], last.Place) = (last, last.Request, entry.Place);
            entries.RemoveAt(entries.Count - 1);
            pending.RemoveAt(pending.Count - 1);
        }
    }

    /// <inheritdoc/>
    public void SetRunning(RunningLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        Withdraw(lease.Attempt);
        table.SetLease(lease);
    }

    /// <inheritdoc/>
    public void End(AttemptId attempt) => table.EndLease(attempt);

    /// <inheritdoc/>
    public void SetContext(SchedulingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        table.SetContext(context);
    }

    /// <summary>A waiting attempt and its shape, as far as it is of the shapes that are now told apart.</summary>
    private sealed class PendingEntry(PendingRequest request)
    {
        private Shape? shape;
        private int generation = -1;
        private WaitingRequest? said;

        public PendingRequest Request => request;

        /// <summary>Among all that wait.</summary>
        public int Place { get; set; }

        /// <summary>That it waits for a reason, in a turn; what is said as the last time is not made anew, since that is most of what a plan would leave to the collector.</summary>
        public WaitingRequest Waits(WaitReason reason, int turn, DateTimeOffset? start)
        {
            if (said?.Reason is not { } last || last.Ahead != turn || last.Constraint != reason.Constraint || last.NodesNeeded != reason.NodesNeeded || last.NodesLeft != reason.NodesLeft
                || last.PlannedStart != start || last.For != reason.For)
            {
                said = new() { Attempt = request.Attempt, Reason = reason with { Ahead = turn, PlannedStart = start } };
            }

            return said;
        }

        public Shape Shape(NodeTable table)
        {
            if (shape is null || generation != table.ShapeGeneration)
            {
                shape = table.ShapeOf(request);
                generation = table.ShapeGeneration;
            }

            return shape;
        }
    }
}
