using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions.Replay;

namespace Orchestrator.Definitions.Tests.Replay;

public sealed class CampaignScriptFileTests
{
    private const string TwoDays = """
        replay: two-days
        start: 2026-01-01T00:00:00Z
        duration: 2d
        seed: 7
        policy: { order: { longest_wait: 1d } }
        machine:
          - { name: blade, nodes: 20, cores: 8, memory: 32G, failures: { mean_time_between: 10d, repair: { time: 2h } } }
        windows:
          - { id: firmware, severity: major, at: 1d, duration: 2h, nodes: 1..4 }
        storage:
          - { from: 12h, until: 18h, factor: 3 }
        simulations:
          - { name: climate, count: 2, nodes: 2, duration: 30h, class: critical, protected: true }
        users:
          - { name: students, count: 3, load: 1.5, class: low, nodes: 1..2, time: 1h..4h, checkpoints: 0.5 }
        expect: { utilization: 0.5, recovery: 5m }
        """;

    [Fact]
    public void A_description_becomes_a_script()
    {
        var script = Script(TwoDays);

        script.Name.ShouldBe("two-days");
        (script.Duration, script.Seed).ShouldBe((TimeSpan.FromDays(2), 7));
        script.Settings.Order.LongestWait.ShouldBe(TimeSpan.FromDays(1));
        script.Nodes.Length.ShouldBe(20);
        script.Nodes[0].Node.Id.Value.ShouldBe("n-blade-01");
        (script.Nodes[19].Node.Cores, script.Nodes[19].Node.Memory).ShouldBe((8, 32L << 30));
        script.Nodes[0].Failures.ShouldNotBeNull().Between.Mean.TotalDays.ShouldBe(10, 1e-6);
        var window = script.Windows.ShouldHaveSingleItem();
        (window.Id, window.Severity, window.Start, window.End - window.Start).ShouldBe(("firmware", WindowSeverity.Major, script.Start.AddDays(1), TimeSpan.FromHours(2)));
        window.Nodes.Select(static node => node.Value).ShouldBe(["n-blade-01", "n-blade-02", "n-blade-03", "n-blade-04"]);
        script.Storage.ShouldHaveSingleItem().ShouldBe(new StorageSpell { From = TimeSpan.FromHours(12), Until = TimeSpan.FromHours(18), Factor = 3 });
        script.Simulations.Select(static one => (one.Definition.Id.Value, one.Definition.Protected, one.Definition.Priority, one.Definition.Stages[0].Resources.Nodes))
            .ShouldBe([("s-climate-1", true, PriorityClass.Critical, 2), ("s-climate-2", true, PriorityClass.Critical, 2)]);
        var users = script.Users.ShouldHaveSingleItem();
        (users.Name, users.Count, users.Load, users.Priority, users.NodesMax, users.Cores, users.TimeMax, users.Checkpoints)
            .ShouldBe(("students", 3, 1.5, PriorityClass.Low, 2, 8, TimeSpan.FromHours(4), 0.5));
        (script.Expectations.Utilization, script.Expectations.Recovery, script.Expectations.Wait).ShouldBe((0.5, TimeSpan.FromMinutes(5), null));
    }

    [Fact]
    public void A_script_that_was_read_can_be_replayed()
    {
        var summary = CampaignReplay.Run(Script(TwoDays), cancellationToken: TestContext.Current.CancellationToken).Summary;

        summary.Broken.ShouldBeEmpty();
        summary.Preemptions.OfProtected.ShouldBe(0);
        summary.NodeHours.All.ShouldBe(20 * 48, 1e-6);
    }

    [Theory]
    [InlineData("duration: 2d", "duration: 2", "duration")]
    [InlineData("duration: 2d", "duration: -2d", "duration")]
    [InlineData("seed: 7", "seed: x", "seed")]
    [InlineData("seed: 7", "speed: 7", "speed")]
    [InlineData("longest_wait: 1d", "longest_wait: 0d", "policy.order.longest_wait")]
    [InlineData("cores: 8", "cores: 0", "machine[0].cores")]
    [InlineData("mean_time_between: 10d, ", "", "machine[0].failures.mean_time_between")]
    [InlineData("mean_time_between: 10d", "fit: { file: missing.csv }", "machine[0].failures.fit.file")]
    [InlineData("nodes: 1..4", "nodes: 4..1", "windows[0].nodes")]
    [InlineData("nodes: 1..4", "nodes: 1..21", "windows[0].nodes")]
    [InlineData("severity: major", "severity: huge", "windows[0].severity")]
    [InlineData("at: 1d, ", "", "windows[0].at")]
    [InlineData("factor: 3", "factor: 0.5", "storage[0].factor")]
    [InlineData("until: 18h, ", "", "storage[0].until")]
    [InlineData("until: 18h", "until: 6h", "storage[0]")]
    [InlineData("class: critical", "class: urgent", "simulations[0].class")]
    [InlineData("count: 2", "count: 2.5", "simulations[0].count")]
    [InlineData("load: 1.5", "load: 0", "users[0].load")]
    [InlineData("time: 1h..4h", "time: 4h..1h", "users[0].time")]
    [InlineData("checkpoints: 0.5", "checkpoints: 2", "users[0].checkpoints")]
    [InlineData("utilization: 0.5", "utilization: 95", "expect.utilization")]
    public void What_is_wrong_is_told_by_its_field_and_its_place(string right, string wrong, string field)
    {
        var reading = CampaignScriptFile.Read(TwoDays.Replace(right, wrong, StringComparison.Ordinal), static path => throw new FileNotFoundException($"There is no file {path}."));

        reading.Script.ShouldBeNull();
        var problem = reading.Problems.ShouldHaveSingleItem();
        problem.Path.ShouldStartWith(field);
        problem.Line.ShouldBeGreaterThan(0);
        problem.Allowed.ShouldNotBeEmpty();
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_in_the_order_of_the_file() =>
        CampaignScriptFile.Read(TwoDays.Replace("seed: 7", "seed: x", StringComparison.Ordinal).Replace("factor: 3", "factor: 0", StringComparison.Ordinal).Replace("load: 1.5", "load: much", StringComparison.Ordinal), static _ => Stream.Null)
            .Problems.Select(static problem => problem.Path).ShouldBe(["seed", "storage[0].factor", "users[0].load"]);

    private static CampaignScript Script(string text)
    {
        var reading = CampaignScriptFile.Read(text, static path => throw new FileNotFoundException($"There is no file {path}."));
        reading.Problems.ShouldBeEmpty();
        return reading.Script.ShouldNotBeNull();
    }
}
