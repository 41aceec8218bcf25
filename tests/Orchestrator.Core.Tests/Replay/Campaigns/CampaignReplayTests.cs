using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Replay.Campaigns;

public sealed class CampaignReplayTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Protected_work_is_never_preempted_loses_less_than_an_hour_and_recovers_in_minutes(int seed)
    {
        var summary = Run(Script(seed)).Summary;

        summary.NodeFailures.ShouldBeGreaterThan(10);
        summary.Protected.NodeLosses.ShouldBeGreaterThan(0);
        summary.Preemptions.OfProtected.ShouldBe(0);
        summary.LossOfProtected.Max.ShouldBeLessThan(3600);
        summary.LossOfOthers.Max.ShouldBeLessThan(3600);

        // On so few nodes everybody else may be within the guaranteed quantum, which nobody takes away.
        summary.RecoveryOfProtected.Median.ShouldBeLessThan(300);
    }

    [Fact]
    public void Every_node_hour_is_used_or_idle_or_down_or_in_a_window()
    {
        var script = Script(1);

        var hours = Run(script).Summary.NodeHours;

        hours.All.ShouldBe(script.Nodes.Length * script.Duration.TotalHours, 1e-6);
        (hours.Used + hours.Idle + hours.Down + hours.Window).ShouldBe(hours.All, 1e-6);
        hours.Down.ShouldBeGreaterThan(0);
        hours.Window.ShouldBeGreaterThan(0);
        (hours.Lost + hours.Checkpoints).ShouldBeLessThan(hours.Used);
    }

    [Fact]
    public void What_is_held_by_work_is_what_is_used_of_nodes()
    {
        var result = Run(Script(2) with { Nodes = [.. Script(2).Nodes.Select(static node => node with { Failures = null })] });

        var held = result.Jobs.Sum(static job => job.Held.TotalHours * job.Nodes);
        held.ShouldBe(result.Summary.NodeHours.Used, 1e-6);
        result.Summary.NodeHours.Down.ShouldBe(0);
    }

    [Fact]
    public void The_same_seed_gives_the_same_months_and_another_seed_others()
    {
        var one = Run(Script(5));
        var again = Run(Script(5));
        var other = Run(Script(6));

        again.Jobs.ShouldBe(one.Jobs);
        again.Summary.NodeHours.ShouldBe(one.Summary.NodeHours);
        other.Jobs.ShouldNotBe(one.Jobs);
    }

    [Fact]
    public void Nobody_starves_at_three_times_the_capacity()
    {
        var summary = Run(Script(3)).Summary;

        summary.SentBack.ShouldBeGreaterThan(0);
        summary.Utilization.ShouldBeGreaterThan(0.9);
        foreach (var waits in summary.Waits)
        {
            waits.First.Count.ShouldBeGreaterThan(0);
            Math.Max(waits.Longest, waits.StillWaitingLongest).ShouldBeLessThan(TimeSpan.FromDays(9).TotalSeconds);
        }
    }

    [Fact]
    public void Protected_work_moves_out_of_the_way_of_a_major_window_at_a_checkpoint()
    {
        var script = Script(4);

        var result = Run(script);

        result.Summary.Preemptions.Relocations.ShouldBeGreaterThan(0);
        var major = script.Windows.Where(static window => window.Severity == WindowSeverity.Major).Select(static window => window.Id).ToHashSet();
        result.Summary.Windows.Where(window => major.Contains(window.Window)).Count().ShouldBe(major.Count);
        result.Summary.Windows.Where(window => major.Contains(window.Window)).ShouldAllBe(window => window.Delay <= script.Settings.Protection.DelayMajor.TotalSeconds + 600);
        result.Jobs.Where(static job => job.Protected).Sum(static job => job.Relocations).ShouldBe(result.Summary.Preemptions.Relocations);
    }

    [Fact]
    public void Slow_storage_makes_checkpoints_rarer_until_the_largest_loss_rules()
    {
        // A gang of 24 nodes fails often enough that the optimum is below the largest loss while checkpoints are cheap.
        var quiet = new CampaignScript
        {
            Duration = TimeSpan.FromDays(4),
            Nodes = Nodes(24, null),
            Simulations = [Simulation(1, 24, TimeSpan.FromDays(10), TimeSpan.FromSeconds(20))],
        };
        var slow = quiet with { Storage = [new() { From = TimeSpan.Zero, Until = quiet.Duration, Factor = 3 }] };
        var slower = quiet with { Storage = [new() { From = TimeSpan.Zero, Until = quiet.Duration, Factor = 30 }] };

        var (often, rarer, least) = (Checkpoints(quiet), Checkpoints(slow), Checkpoints(slower));

        rarer.ShouldBeLessThan(often);
        // With ten minutes each, 55 minutes less those ten and the detection lie between two: more than one in an hour.
        least.ShouldBeGreaterThanOrEqualTo((int)(quiet.Duration / TimeSpan.FromMinutes(55)));

        static int Checkpoints(CampaignScript script) => Run(script).Jobs[0].Checkpoints;
    }

    [Fact]
    public void Work_is_done_when_it_has_computed_as_long_as_it_takes()
    {
        var script = new CampaignScript
        {
            Duration = TimeSpan.FromDays(2),
            Nodes = Nodes(2, null),
            Simulations = [Simulation(1, 2, 10 * Hour, TimeSpan.FromSeconds(30))],
        };

        var job = Run(script).Jobs.ShouldHaveSingleItem();

        job.State.ShouldBe("done");
        job.Held.ShouldBe((10 * Hour) + script.Simulations[0].StartTime + job.CheckpointTime);
        job.CheckpointTime.ShouldBe(job.Checkpoints * TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_hundred_and_twenty_simulations_on_three_hundred_nodes_are_all_accepted_and_run_and_the_machine_is_full()
    {
        var script = new CampaignScript
        {
            Duration = TimeSpan.FromDays(4),
            PlanEvery = TimeSpan.FromMinutes(5),
            Nodes = Nodes(300, null),
            Simulations = [.. Enumerable.Range(1, 120).Select(number => Simulation(number, 1 + (number % 3), TimeSpan.FromDays(10), TimeSpan.FromSeconds(15)))],
            Users = [new() { Name = "users", Count = 20, Load = 1, WaitingMax = 5, NodesMax = 8, Cores = 8, TimeMin = 4 * Hour, TimeMax = 24 * Hour }],
        };

        var result = Run(script);

        result.Jobs.Count(static job => job.Protected && job.State == "running").ShouldBe(120);
        result.Summary.Utilization.ShouldBeGreaterThanOrEqualTo(0.95);
    }

    [Fact]
    public void Stages_wait_for_those_before_them()
    {
        var first = Simulation(1, 1, Hour, TimeSpan.FromSeconds(1));
        var definition = first.Definition with
        {
            Stages = [first.Definition.Stages[0] with { Name = "after", After = [new() { Stage = "run" }] }, first.Definition.Stages[0]],
        };
        var script = new CampaignScript { Duration = TimeSpan.FromDays(1), Nodes = Nodes(4, null), Simulations = [first with { Definition = definition }] };

        var jobs = Run(script).Jobs;

        jobs.Single(static job => job.Job.EndsWith("/after", StringComparison.Ordinal)).FirstStart!.Value
            .ShouldBeGreaterThanOrEqualTo(jobs.Single(static job => job.Job.EndsWith("/run", StringComparison.Ordinal)).End!.Value);
        jobs.ShouldAllBe(static job => job.State == "done");
    }

    [Fact]
    public void A_script_that_contradicts_itself_is_refused_with_all_that_is_wrong()
    {
        var script = Script(1) with
        {
            Duration = TimeSpan.Zero,
            Storage = [new() { From = Hour, Until = Hour, Factor = 0.5 }],
            Simulations = [Simulation(1, 500, Hour, TimeSpan.Zero)],
            Users = [new() { Name = "a", NodesMax = 0 }],
        };

        var fields = CampaignScriptRules.Problems(script).Select(static problem => problem.Field).ToList();

        fields.ShouldBe(["duration", "storage[0].until", "storage[0].factor", "simulations.s-protected-1.stages.run.resources", "users.a.nodes"], ignoreOrder: true);
        Should.Throw<ArgumentException>(() => Run(script)).Message.ShouldContain("storage[0].factor");
    }

    private static CampaignResult Run(CampaignScript script) => CampaignReplay.Run(script, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Nine days of 24 nodes that fail a hundred times as often as those of Los Alamos, and are mended ten times as fast.</summary>
    private static CampaignScript Script(int seed)
    {
        var nodes = Nodes(24, new()
        {
            Between = TimeDistribution.Weibull.WithMean(0.67, TimeSpan.FromHours(120)),
            Repair = new TimeDistribution.Lognormal(TimeSpan.FromMinutes(20), 1),
        });
        var start = new CampaignScript().Start;
        return new()
        {
            Name = "short",
            Seed = seed,
            Duration = TimeSpan.FromDays(9),
            PlanEvery = TimeSpan.FromMinutes(1),
            Nodes = nodes,
            Windows =
            [
                Window("first", start.AddDays(2), WindowSeverity.Major, nodes[..6]),
                Window("second", start.AddDays(4), WindowSeverity.Minor, nodes[6..10]),
                Window("third", start.AddDays(6), WindowSeverity.Major, nodes[10..18]),
            ],
            Storage = [new() { From = TimeSpan.FromDays(3), Until = TimeSpan.FromDays(4), Factor = 6 }],
            Simulations = [.. Enumerable.Range(1, 5).Select(number => Simulation(number, 2, TimeSpan.FromDays(30), TimeSpan.FromSeconds(15)))],
            Users =
            [
                new() { Name = "high", Count = 2, Load = 0.3, WaitingMax = 2, Priority = PriorityClass.High, NodesMax = 3, Cores = 8, TimeMin = Hour, TimeMax = 6 * Hour },
                new() { Name = "medium", Count = 4, Load = 1.7, WaitingMax = 3, Priority = PriorityClass.Medium, NodesMax = 6, Cores = 8, TimeMin = 2 * Hour, TimeMax = 12 * Hour },
                new() { Name = "low", Count = 4, Load = 1, WaitingMax = 3, Priority = PriorityClass.Low, NodesMax = 2, Cores = 8, TimeMin = Hour, TimeMax = 8 * Hour },
            ],
        };
    }

    private static MaintenanceWindow Window(string id, DateTimeOffset start, WindowSeverity severity, IEnumerable<ScriptNode> nodes) => new()
    {
        Id = id,
        Severity = severity,
        Start = start,
        End = start + (6 * Hour),
        Nodes = [.. nodes.Select(static node => node.Node.Id)],
    };

    private static System.Collections.Immutable.ImmutableArray<ScriptNode> Nodes(int count, FailureModel? failures) =>
        [.. Enumerable.Range(1, count).Select(number => new ScriptNode { Node = new() { Id = new NodeId($"n-{number:00}"), Cores = 8 }, Failures = failures })];

    private static ScriptSimulation Simulation(int number, int nodes, TimeSpan takes, TimeSpan checkpoint) => new()
    {
        CheckpointCost = checkpoint,
        Definition = new()
        {
            Id = new SimulationId($"s-protected-{number}"),
            Priority = PriorityClass.Critical,
            Protected = true,
            Owner = new() { Institution = "site", Project = "climate", User = "climate", Account = new AccountId("p-site.climate") },
            Stages = [new() { Name = "run", Resources = new() { Nodes = nodes, RanksPerNode = 8 }, EstimatedDuration = takes }],
        },
    };
}
