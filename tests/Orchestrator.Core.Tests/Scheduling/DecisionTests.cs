using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>What the scheduler that the service uses, with its default policy, decides in plain cases.</summary>
public sealed class DecisionTests
{
    private static readonly SchedulerParts Whole = SchedulerParts.Default with { Preemption = SchedulerParts.Default.Preemption ?? new PreemptionPlanner() };

    [Fact]
    public void Critical_high_and_medium_work_is_placed_and_what_runs_is_not_placed_again()
    {
        var runs = Running(9, 1, cores: 4, PriorityClass.Medium);
        var plan = Plan([Make.Node(1), Make.Node(2), Make.Node(3), Make.Node(4)], [Make.Cores(1, 4), Make.Cores(2, 4, priority: PriorityClass.Critical), Make.Cores(3, 4, priority: PriorityClass.High)], runs);

        plan.Placements.Select(static placement => placement.Attempt).ShouldBe([Make.Attempt(1), Make.Attempt(2), Make.Attempt(3)], ignoreOrder: true);
        plan.Placements.SelectMany(static placement => placement.Shares).ShouldAllBe(static share => share.Node != Make.Id(1));
        plan.Preemptions.ShouldBeEmpty();
    }

    [Fact]
    public void Work_that_needs_a_GPU_is_not_placed_on_the_node_that_lost_its_own()
    {
        var critical = Make.Request(1, new() { GpusPerNode = 1 }, PriorityClass.Critical);
        SchedulableNode[] nodes = [Make.Node(0).WithGpus(("a", 40)), Make.Node(1).WithGpus(("a", 40))];
        var before = Plan(nodes, [critical]).Share(1).Node;

        var after = Plan([.. nodes.Select(node => node.Id == before ? node with { Gpus = [] } : node)], [critical]).Share(1).Node;

        after.ShouldNotBe(before);
    }

    [Fact]
    public void Five_days_are_enough_for_three_hours_of_work_and_an_hour_is_not_and_whoever_asks_why_is_told()
    {
        var far = Explain(TimeSpan.FromDays(5), TimeSpan.FromHours(3));
        var near = Explain(TimeSpan.FromHours(1), TimeSpan.FromHours(3));
        var none = Explain(null, TimeSpan.FromHours(3));

        far.MeetsDeadline.ShouldBe(true);
        far.Decision.ShouldContain("its deadline is met");
        near.MeetsDeadline.ShouldBe(false);
        near.Decision.ShouldContain("its deadline is missed by 02:00:00");
        none.MeetsDeadline.ShouldBeNull();
        none.Decision.ShouldNotContain("deadline");
        Explain(TimeSpan.FromHours(4), TimeSpan.FromHours(3), busyFor: TimeSpan.FromHours(2)).Decision.ShouldContain("its deadline is missed by 01:00:00");

        static AttemptExplanation Explain(TimeSpan? left, TimeSpan work, TimeSpan? busyFor = null)
        {
            var request = Make.Cores(1, 4) with { Deadline = Make.Now + left, DurationEstimate = work, WorkAhead = work };
            var view = View.Of([Make.Node(1)], [request], busyFor is { } time ? [Running(9, 1, 4, PriorityClass.Medium) with { EndsBy = Make.Now + time }] : []);
            return new Explainer(Whole).Explain(view, Make.Attempt(1), Make.Now).ShouldNotBeNull();
        }
    }

    [Fact]
    public void Simulations_and_render_jobs_are_planned_together_no_core_is_given_twice_and_the_higher_class_goes_first()
    {
        var random = new SeededRandom(3, "mixed");
        PendingRequest[] pending =
        [
            .. Enumerable.Range(1, 60).Select(number => Make.Cores(number, 1 + random.Below(2), priority: (PriorityClass)(1 + random.Below(5))) with
            {
                JobType = number % 2 == 0 ? "render" : "simulation",
                Owner = new() { User = number % 2 == 0 ? "studio" : "ada" },
                DurationEstimate = TimeSpan.FromHours(1 + random.Below(9)),
            }),
        ];
        var plan = Plan([.. Enumerable.Range(1, 10).Select(static number => Make.Node(number))], pending);

        var taken = plan.Placements.SelectMany(static placement => placement.Shares.SelectMany(static share => share.Cores.Select(core => (share.Node, core)))).ToList();
        taken.Distinct().Count().ShouldBe(taken.Count);
        (plan.Placements.Length + plan.Waiting.Length).ShouldBe(60);
        var types = pending.ToDictionary(static request => request.Attempt, static request => request.JobType);
        plan.Placements.Select(placement => types[placement.Attempt]).Distinct().Order().ShouldBe(["render", "simulation"]);
        var classes = pending.ToDictionary(static request => request.Attempt, static request => request.Priority);
        plan.Waiting.ShouldNotBeEmpty();
        plan.Waiting.ShouldAllBe(waiting => classes[waiting.Attempt] < PriorityClass.Critical);
    }

    [Fact]
    public void Of_two_simulations_the_one_that_asks_for_GPUs_gets_more_of_them_and_both_run()
    {
        var plan = Plan(
            [Make.Node(1, cores: 32), Make.Node(2, cores: 32).WithGpus(("a", 40), ("a", 40), ("a", 40), ("a", 40))],
            [Make.Request(1, new() { Threads = 24 }), Make.Request(2, new() { Threads = 4, GpusPerNode = 3 })]);

        plan.Share(1).Gpus.ShouldBeEmpty();
        plan.Share(1).Node.ShouldBe(Make.Id(1));
        plan.Share(2).Gpus.Length.ShouldBe(3);
    }

    [Fact]
    public void With_efficiency_small_work_goes_to_well_rated_nodes_and_with_performance_to_the_biggest()
    {
        SchedulableNode[] nodes =
        [
            Make.Node(1, cores: 16) with { Power = new() { Idle = 60, Busy = 160, Rating = 9 } }, Make.Node(2, cores: 16) with { Power = new() { Idle = 60, Busy = 160, Rating = 8 } },
            Make.Node(3, cores: 64) with { Power = new() { Idle = 300, Busy = 900, Rating = 2 } }, Make.Node(4, cores: 64) with { Power = new() { Idle = 300, Busy = 900, Rating = 3 } },
        ];
        PendingRequest[] pending = [.. Enumerable.Range(1, 3).Select(static number => Make.Cores(number, 4))];

        var efficient = Placed(EnergyMode.Efficiency);
        var fast = Placed(EnergyMode.Performance);

        efficient.ShouldAllBe(node => nodes.Single(one => one.Id == node).Power!.Rating > 5.0);
        fast.ShouldContain(node => nodes.Single(one => one.Id == node).Cores == 64);

        IEnumerable<NodeId> Placed(EnergyMode mode) => new Scheduler(new(), Whole)
            .Plan(Make.Problem(nodes, pending) with { Context = new() { Energy = new() { Mode = mode } } }, Make.Now).Placements.SelectMany(static placement => placement.Shares).Select(static share => share.Node);
    }

    [Fact]
    public void At_peak_load_more_than_four_of_five_GPUs_are_used_although_work_without_GPUs_wants_the_same_cores()
    {
        var random = new SeededRandom(4, "peak");
        SchedulableNode[] nodes = [.. Enumerable.Range(1, 12).Select(static number => number <= 6 ? Make.Node(number, cores: 16).WithGpus(("a", 40), ("a", 40), ("a", 40), ("a", 40)) : Make.Node(number, cores: 16))];
        var workspace = new SchedulingWorkspace(new(), Whole with { Preemption = null });
        foreach (var node in nodes)
        {
            workspace.SetNode(node);
        }

        var ends = new PriorityQueue<(AttemptId Attempt, int Gpus), long>();
        var requests = new Dictionary<AttemptId, PendingRequest>();
        var (now, count, held, used, all) = (Make.Now, 0, 0, 0.0, 0.0);
        while (now < Make.Now.AddDays(3))
        {
            while (workspace.Pending.Count < 40)
            {
                var request = Make.Request(++count, random.Below(2) == 0 ? new() { Threads = 1 + random.Below(3), GpusPerNode = 1 + random.Below(3) } : new() { Threads = 1 + random.Below(12) }) with
                {
                    DurationEstimate = TimeSpan.FromHours(1 + (5 * random.Next())),
                    QueuedSince = now,
                };
                requests.Add(request.Attempt, request);
                workspace.Enqueue(request);
            }

            foreach (var placement in workspace.Plan(now).Placements)
            {
                var request = requests[placement.Attempt];
                var gpus = placement.Shares.Sum(static share => share.Gpus.Length);
                held += gpus;
                ends.Enqueue((placement.Attempt, gpus), (now + request.DurationEstimate!.Value).UtcTicks);
                workspace.SetRunning(new() { Attempt = placement.Attempt, Shares = placement.Shares, Resources = request.Resources, StartedAt = now, EndsBy = now + request.DurationEstimate });
            }

            ends.TryDequeue(out var ended, out var at).ShouldBeTrue();
            var next = new DateTimeOffset(at, TimeSpan.Zero);
            used += held * (next - now).TotalHours;
            all += 24 * (next - now).TotalHours;
            now = next;
            held -= ended.Gpus;
            workspace.End(ended.Attempt);
        }

        (used / all).ShouldBeGreaterThan(0.8);
    }

    [Fact]
    public void When_all_is_used_up_lower_work_waits_with_a_reason_and_what_runs_is_left_alone()
    {
        var runs = Enumerable.Range(1, 4).Select(static node => Running(100 + node, node, cores: 4, PriorityClass.Medium)).ToArray();
        PendingRequest[] pending = [.. Enumerable.Range(1, 50).Select(static number => Make.Cores(number, 2, priority: PriorityClass.Low) with { DurationEstimate = TimeSpan.FromHours(2) })];

        var plan = Plan([.. Enumerable.Range(1, 4).Select(static number => Make.Node(number))], pending, runs);

        plan.Placements.ShouldBeEmpty();
        plan.Preemptions.ShouldBeEmpty();
        plan.Waiting.Length.ShouldBe(50);
        plan.Waiting.ShouldAllBe(static waiting => waiting.Reason.NotEnoughFreeNow);
    }

    private static SchedulingPlan Plan(SchedulableNode[] nodes, PendingRequest[] pending, params RunningLease[] running) =>
        new Scheduler(new(), Whole).Plan(new() { Nodes = [.. nodes], Pending = [.. pending], Running = [.. running] }, Make.Now);

    private static RunningLease Running(int number, int node, int cores, PriorityClass priority) => new()
    {
        Attempt = Make.Attempt(number),
        Shares = [new() { Node = Make.Id(node), Cores = [.. Enumerable.Range(0, cores)] }],
        Resources = new() { Threads = cores },
        Priority = priority,
        StartedAt = Make.Now.AddHours(-1),
        EndsBy = Make.Now.AddHours(5),
    };

    private sealed class View : ISchedulingView
    {
        public required IReadOnlyCollection<SchedulableNode> Nodes { get; init; }

        public required IReadOnlyCollection<RunningLease> Running { get; init; }

        public required IReadOnlyCollection<PendingRequest> Pending { get; init; }

        public SchedulingContext Context => new();

        public SchedulingSettings Settings => new();

        public static View Of(SchedulableNode[] nodes, PendingRequest[] pending, RunningLease[] running) => new() { Nodes = nodes, Pending = pending, Running = running };
    }
}
