using System.Collections.Immutable;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Tests;

public sealed class ArrangementTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Energy_is_told_with_its_mode_its_prices_and_what_each_mode_saves()
    {
        var report = new EnergyReport
        {
            InForce = EnergyMode.Balanced,
            Ahead = [new() { From = Now, PerKilowattHour = 0.15 }, new() { From = Now.AddHours(8), PerKilowattHour = 0.08 }],
            Savings = ImmutableSortedDictionary<EnergyMode, double>.Empty.Add(EnergyMode.Balanced, 0.25).Add(EnergyMode.NightSavings, 0.5),
            Watts = 1600,
        };

        EnergyCommand.Lines(report).ShouldBe(
        [
            "mode: balanced, by the policy",
            "a kilowatt-hour costs, by the tariff of the policy:",
            "  from 2026-03-01 12:00:00Z  0.15",
            "  from 2026-03-01 20:00:00Z  0.08",
            "all nodes at work draw 1.6 kW in performance; less by 25 % in balanced, 50 % in night savings (estimated by their classes)",
        ]);
        EnergyCommand.Lines(new()).First().ShouldBe("no mode: energy decides nothing");
    }

    [Theory]
    [InlineData("night-savings", EnergyMode.NightSavings, 0), InlineData("policy", EnergyMode.Absent, 0), InlineData(null, EnergyMode.Absent, 0), InlineData("absent", EnergyMode.Absent, 1), InlineData("Balanced", EnergyMode.Absent, 1)]
    public void A_mode_is_a_word_of_the_list(string? word, EnergyMode expected, int wrong)
    {
        var mistakes = new List<string>();

        EnergyCommand.Mode(word, mistakes).ShouldBe(expected);
        mistakes.Count.ShouldBe(wrong);
    }

    [Fact]
    public void Prices_are_put_in_order_and_every_mistake_is_told()
    {
        var mistakes = new List<string>();

        EnergyCommand.Prices(["+8h=0.08", "now=0.15"], Now, mistakes).Select(static price => (price.From, price.PerKilowattHour)).ShouldBe([(Now, 0.15), (Now.AddHours(8), 0.08)]);
        mistakes.ShouldBeEmpty();
        EnergyCommand.Prices(["now", "now=dear", "soon=1", "now=1", "+0h=1", "now=2"], Now, mistakes);
        mistakes.Count.ShouldBe(5);
    }

    [Fact]
    public void Licences_are_counted_or_taken_out()
    {
        LicenceCommand.Read(["ansys=4", "a=b=2", "fluent=none"]).ToArray().ShouldBe([("ansys", (int?)4), ("a=b", 2), ("fluent", null)]);
        Should.Throw<CommandException>(static () => LicenceCommand.Read(["ansys", "=4", "x=-1", "y=2", "y=3"])).Message.Split(Environment.NewLine).Length.ShouldBe(4);
    }

    [Fact]
    public void The_policy_is_told_with_who_set_it_and_how_the_hook_does()
    {
        PolicyCommand.Comments(new()).ShouldBe(["the policy that the silo was started with"]);
        PolicyCommand.Comments(new() { Text = "{}", Hook = new() { SaidAt = Now, Named = 3, Vetoed = 1, FailedAt = Now.AddMinutes(1), Error = "it did not answer in time", Ignored = ["attempts[0]: it is no object"] } }).Skip(1).ShouldBe(
        [
            "the hook answered at 2026-03-01 12:00:00Z: it named 3 waiting attempts, 1 of them vetoed",
            "the hook failed at 2026-03-01 12:01:00Z, and what it said before holds on: it did not answer in time",
            "ignored of its answer: attempts[0]: it is no object",
        ]);
    }

    [Fact]
    public void Priorities_deadlines_and_conflicts_are_lines()
    {
        var set = Text(PriorityCommand.Table(
            [new() { Target = "ensemble", Value = 0.75, Class = PriorityClass.High, By = "ada", At = Now }],
            [new() { Simulation = new SimulationId("s-one"), Deadline = Now.AddDays(1), By = "bob", At = Now }]));
        var conflicts = Text(ReservationCommand.Table(
        [
            new() { Id = "r/s", Reservation = "r", With = ["s"], From = Now, Until = Now.AddHours(1), Strategy = ConflictStrategy.AdminDecision, DetectedAt = Now, Details = "both want node-1" },
            new() { Id = "t/s", Reservation = "t", With = ["s"], From = Now, Until = Now.AddHours(1), Strategy = ConflictStrategy.PriorityBased, DetectedAt = Now, Resolved = true, ResolvedAt = Now, Details = "both want node-1", Resolution = "the older keeps it" },
        ]));

        set[1].ShouldStartWith("ensemble  0.75      high");
        set[2].ShouldContain("2026-03-02 12:00:00Z");
        Text(PriorityCommand.Table([new() { Target = "s-one", Promise = 0.9, Share = new() { Set = new("o-co2"), Scenario = "a", Share = 0.25 }, By = "system", At = Now }], []))[1].ShouldStartWith("s-one  promise 0.9, share 0.25 of o-co2");
        conflicts[1].ShouldContain("admin decision");
        conflicts[1].ShouldContain("open");
        conflicts[2].ShouldEndWith("both want node-1: the older keeps it");
    }

    [Fact]
    public void The_history_of_a_stage_is_what_was_set_of_it_of_its_simulation_and_of_its_campaign()
    {
        OrchestratorEvent[] told =
        [
            new() { Text = "campaign", Campaign = "c" }, new() { Text = "one", Campaign = "c", Simulation = new("s-one") }, new() { Text = "two", Campaign = "c", Simulation = new("s-two") },
            new() { Text = "one/a", Campaign = "c", Simulation = new("s-one"), Stage = "a" }, new() { Text = "one/b", Campaign = "c", Simulation = new("s-one"), Stage = "b" },
        ];

        PriorityCommand.Of(told, null, null).Count().ShouldBe(5);
        PriorityCommand.Of(told, new("s-one"), null).Select(static one => one.Text).ShouldBe(["campaign", "one", "one/a", "one/b"]);
        PriorityCommand.Of(told, new("s-one"), "b").Select(static one => one.Text).ShouldBe(["campaign", "one", "one/b"]);
    }

    [Fact]
    public void A_node_is_told_with_how_fast_work_runs_there_and_how_far_it_is_trusted()
    {
        var lines = Text(NodeCommand.Table(
        [
            new() { Node = new NodeId("n-one"), Kind = "gpu/A100", Reliability = 0.875, Failures = 2, Speeds = ImmutableSortedDictionary<string, double>.Empty.Add("climate/coupled", 1.25).Add("lammps", 2) },
            new() { Node = new NodeId("n-two"), Kind = "cpu", Reliability = 1 },
        ]));

        lines[1].ShouldEndWith("2         climate/coupled 1.25, lammps 2");
        lines[1].ShouldStartWith("one   gpu/A100  0.8");
        lines[2].ShouldEndWith("nothing learned yet");
    }

    private static string[] Text(TextTable table)
    {
        var output = new StringWriter();
        table.Write(output, Style.For(output));
        return output.ToString().TrimEnd().Split('\n');
    }
}
