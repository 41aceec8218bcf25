using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Tests.Scheduling.Order;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What scenarios with shares get of a cluster.</summary>
public sealed class ClusterScenarioTests
{
    private static readonly ScenarioId Set = new("o-co2");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void At_saturation_scenarios_get_the_shares_that_they_ask_for_and_a_shift_moves_resources_in_opposite_directions(int seed)
    {
        var play = new Play(seed, cores: 10, members: 12);
        play.Tell(("a", 0.6), ("b", 0.3), ("c", 0.1));
        play.Run(TimeSpan.FromDays(10));
        var before = play.Received();
        foreach (var (name, asked) in new[] { ("a", 0.6), ("b", 0.3), ("c", 0.1) })
        {
            before[name].Asked.ShouldBe(asked);
            before[name].Received.ShouldBe(asked, 0.03, $"scenario {name}");
        }

        play.Tell(("a", 0.2), ("b", 0.3), ("c", 0.5));
        play.Run(TimeSpan.FromDays(10));

        var after = play.Received();
        after["a"].Received.ShouldBe(0.2, 0.03);
        after["b"].Received.ShouldBe(0.3, 0.03);
        after["c"].Received.ShouldBe(0.5, 0.03);
        after.Values.Select(static one => one.From).Distinct().ShouldHaveSingleItem().ShouldBeGreaterThan(before["b"].From, "what all get is counted from the same moment on");
    }

    [Fact]
    public void Who_could_not_use_its_share_has_saved_nothing_up()
    {
        var play = new Play(7, cores: 4, members: 8) { Away = "b" };
        play.Tell(("a", 0.5), ("b", 0.5));
        play.Run(TimeSpan.FromDays(10));
        play.Received()["a"].Received.ShouldBe(1);

        play.Away = "";
        var begun = play.Now;
        play.Run(TimeSpan.FromDays(10));

        play.CoreHoursSince(begun, "b").ShouldBe(play.CoreHoursSince(begun, "a"), 0.15 * play.CoreHoursSince(begun, "a"));
    }

    [Fact]
    public void A_scenario_whose_work_waits_for_room_keeps_what_it_is_behind_when_more_of_it_comes()
    {
        var story = With(nodes: 1, cores: 4);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, cores: 4)));
        Share(1, "a", 0.5);
        foreach (var number in Enumerable.Range(2, 4))
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number) with { DurationEstimate = TimeSpan.FromHours(1) }));
            Share(number, "b", 0.5);
            Grant(number);
            story.Pass(TimeSpan.FromHours(1));
            story.Release(number);
        }

        // While all of a waits for all of the node, b had what became free.
        var set = story.State.Scenarios[Set.Value];
        set.Virtual.ShouldBeGreaterThan(0);
        set.Scenarios["a"].Pass.ShouldBe(0);

        Share(7, "a", 0.5);
        story.Step(new ClusterInput.Requested(story.RequestOf(7)));
        story.State.Scenarios[Set.Value].Scenarios["a"].Pass.ShouldBe(0, "it asked before, and got nothing");

        // Once it has asked for nothing for a while, it has saved up nothing.
        story.Release(1);
        story.Release(7);
        Share(8, "a", 0.5);
        story.Step(new ClusterInput.Requested(story.RequestOf(8)));
        story.State.Scenarios[Set.Value].Scenarios["a"].Pass.ShouldBe(set.Virtual);

        void Share(int number, string scenario, double share) =>
            story.Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Share = new() { Set = Set, Scenario = scenario, Share = share } }));

        void Grant(int number) => story.Step(new ClusterInput.Planned(
            new() { Placements = [new() { Attempt = Attempt(number), Shares = [new() { Node = Node(1), Cores = [number % 4] }] }] }, story.State.Version));
    }

    [Fact]
    public void What_people_set_of_a_member_does_not_bring_back_the_share_that_its_scenario_had()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1)));
        story.Step(new ClusterInput.Requested(story.RequestOf(2)));
        Share(1, 0.25);
        Share(2, 0.25);
        story.Pass(TimeSpan.FromHours(1));

        // Steering tells one after the other; before it has told the second, somebody gives that one a priority.
        Share(1, 0.5);
        var at = story.Now;
        story.Pass(TimeSpan.FromMinutes(1));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-2", Value = 0.3, By = "ada" }));

        story.State.Scenarios[Set.Value].ShouldSatisfyAllConditions(set => set.Scenarios["a"].Share.ShouldBe(0.5), set => set.From.ShouldBe(at));

        void Share(int number, double share) =>
            story.Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Share = new() { Set = Set, Scenario = "a", Share = share } }));
    }

    [Fact]
    public void A_share_leaves_what_is_promised_and_what_people_set_and_can_be_taken_back()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1)));
        var share = new ScenarioShare { Set = Set, Scenario = "a", Share = 0.25 };

        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 0.3, By = "ada" }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Promise = 0.9, Project = "lab/heat", Campaign = "co2" }));
        (story.State.Priorities["s-1"].Project, story.State.Priorities["s-1"].Campaign).ShouldBe(("lab/heat", "co2"), "others are not to know of it");
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Share = share })).Count.ShouldBe(1);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Share = share })).ShouldBeEmpty();

        var pending = ClusterPlanning.Problem(story.State).Pending.ShouldHaveSingleItem();
        (pending.Share, pending.Promise, pending.PriorityOverride).ShouldBe((share, 0.9, (double?)0.3));
        story.State.Scenarios[Set.Value].Scenarios["a"].Share.ShouldBe(0.25);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", ForgetsShare = true })).Count.ShouldBe(1);
        ClusterPlanning.Problem(story.State).Pending.ShouldHaveSingleItem().Share.ShouldBeNull();
        story.State.Priorities["s-1"].Promise.ShouldBe(0.9);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_share_outside_of_0_to_1_is_refused_with_its_field(double share) =>
        PrioritySetting.Problem(new() { Target = "s-1", Share = new() { Set = Set, Scenario = "a", Share = share } }).ShouldNotBeNull().ShouldStartWith("share.share: ");

    [Fact]
    public void The_plan_of_a_cluster_follows_and_what_runs_counts_until_it_is_over()
    {
        var story = With(nodes: 1, cores: 4);
        foreach (var number in Enumerable.Range(1, 12))
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number) with { DurationEstimate = TimeSpan.FromHours(10) }));
            story.Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Share = new() { Set = Set, Scenario = number <= 6 ? "a" : "b", Share = number <= 6 ? 0.25 : 0.75 } }));
        }

        story.Plan();
        Enumerable.Range(1, 12).Where(number => story.Status(number).State == LeaseState.Granted).Count(static number => number > 6).ShouldBe(3);

        story.Pass(TimeSpan.FromHours(1));
        var running = ClusterScenarios.Received(story.State, story.Now);
        running.Select(static one => (one.Scenario, one.Asked, one.Received, one.Cores)).ShouldBe([("a", 0.25, 0.25, 1L), ("b", 0.75, 0.75, 3L)]);

        // It asked for ten hours and took one: only that counts.
        var over = Enumerable.Range(1, 6).Single(number => story.Status(number).State == LeaseState.Granted);
        story.Release(over);
        story.State.Scenarios[Set.Value].Scenarios["a"].ShouldSatisfyAllConditions(static use => use.CoreSeconds.ShouldBe(3600), static use => use.Pass.ShouldBe(4 * 3600, 1e-6));
    }

    /// <summary>A cluster that is always full, by its ledger; every scenario wants more than it gets.</summary>
    private sealed class Play
    {
        private readonly Random random;
        private readonly int cores;
        private readonly int members;
        private readonly MultifactorOrder order = new();
        private readonly Dictionary<AttemptId, DateTimeOffset> ends = [];
        private readonly Dictionary<int, int> epochs = [];
        private readonly List<(string Scenario, DateTimeOffset From, DateTimeOffset Until)> runs = [];
        private ClusterState state = new();
        private string[] names = [];

        public Play(int seed, int cores, int members)
        {
            (random, this.cores, this.members) = (new(seed), cores, members);
            Apply(new ClusterFact.NodeChanged { Inventory = new() { Id = Node(1), Version = 1, Status = NodeStatus.Alive, Capabilities = new() { Cores = cores } } });
        }

        public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        /// <summary>A scenario whose members are held: they ask for nothing more.</summary>
        public string Away { get; set; } = "";

        public Dictionary<string, ScenarioReceived> Received() => ClusterScenarios.Received(state, Now).ToDictionary(static one => one.Scenario);

        public double CoreHoursSince(DateTimeOffset moment, string scenario) =>
            runs.Where(run => run.Scenario == scenario).Sum(run => Math.Max(0, ((run.Until < Now ? run.Until : Now) - (run.From > moment ? run.From : moment)).TotalHours));

        public void Tell(params (string Scenario, double Share)[] shares)
        {
            names = [.. shares.Select(static one => one.Scenario)];
            for (var number = 0; number < names.Length * members; number++)
            {
                var (scenario, share) = shares[number % names.Length];
                Apply(new ClusterFact.PrioritySet { Priority = new() { Target = $"s-{number}", Share = new() { Set = Set, Scenario = scenario, Share = share } } });
            }
        }

        public void Run(TimeSpan span)
        {
            var until = Now + span;
            while (Now < until)
            {
                Ask();
                Start();
                Now = ends.Values.Min();
                foreach (var (attempt, _) in ends.Where(end => end.Value <= Now).ToList())
                {
                    ends.Remove(attempt);
                    Apply(new ClusterFact.Released { Attempt = attempt });
                    Apply(new ClusterFact.Vacated { Attempt = attempt, Node = Node(1) });
                }
            }
        }

        private void Ask()
        {
            var busy = state.Queue.Values.Select(static queued => queued.Request.Attempt.Simulation).Concat(ends.Keys.Select(static attempt => attempt.Simulation)).ToHashSet();
            for (var number = 0; number < names.Length * members; number++)
            {
                if (names[number % names.Length] != Away && !busy.Contains(Attempt(number).Simulation))
                {
                    epochs[number] = epochs.GetValueOrDefault(number) + 1;
                    // The estimate is up to three times too long; runs of one scenario are as long again as those of the one before it.
                    var request = new LeaseRequest { Attempt = Attempt(number, epochs[number]), Order = number, SubmittedAt = Now, DurationEstimate = Length(number) * (1 + (2 * random.NextDouble())) };
                    Apply(new ClusterFact.Requested { Request = request });
                }
            }
        }

        private void Start()
        {
            var pending = state.Queue.Values.Select(queued => ClusterPlanning.Pending(state, queued)).ToList();
            foreach (var ranked in order.Rank(new View { Pending = pending, Context = ClusterPlanning.Context(state) }, Now).Take(cores - ends.Count).ToList())
            {
                var attempt = ranked.Request.Attempt;
                Apply(new ClusterFact.Granted { Attempt = attempt, Shares = [new() { Node = Node(1), Cores = [ends.Count] }] });
                var number = int.Parse(attempt.Simulation.Value[2..], System.Globalization.CultureInfo.InvariantCulture);
                ends[attempt] = Now + (Length(number) * (0.5 + random.NextDouble()));
                runs.Add((ranked.Request.Share!.Scenario, Now, ends[attempt]));
            }
        }

        private TimeSpan Length(int number) => TimeSpan.FromHours(1 + (number % names.Length));

        private void Apply(ClusterFact fact) => state = ClusterMachine.Apply(state, fact, Now);
    }
}
