using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Tests.Scheduling.Order;

/// <summary>A view that is what it was given.</summary>
internal sealed class View : ISchedulingView
{
    public IReadOnlyCollection<SchedulableNode> Nodes { get; init; } = [Make.Node(1, cores: 100)];

    public IReadOnlyCollection<RunningLease> Running { get; init; } = [];

    public IReadOnlyCollection<PendingRequest> Pending { get; init; } = [];

    public SchedulingContext Context { get; init; } = new();

    public SchedulingSettings Settings { get; init; } = new();

    public static View Of(params PendingRequest[] pending) => new() { Pending = pending };

    public View With(OrderSettings order) => new() { Nodes = Nodes, Running = Running, Pending = Pending, Context = Context, Settings = Settings with { Order = order } };

    public View With(SchedulingContext context) => new() { Nodes = Nodes, Running = Running, Pending = Pending, Context = context, Settings = Settings };

    public IReadOnlyList<RankedRequest> Ranked(DateTimeOffset? now = null) => new MultifactorOrder().Rank(this, now ?? Make.Now);

    /// <summary>The numbers of the attempts in their turn.</summary>
    public int[] Turns(DateTimeOffset? now = null) => [.. Ranked(now).Select(ranked => (int)ranked.Request.SubmissionOrder)];
}
