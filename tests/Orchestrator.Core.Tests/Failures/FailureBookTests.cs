using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Tests.Failures;

/// <summary>What the events of a log say of failures, and how they are counted.</summary>
public sealed class FailureBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly NodeId Node = new("n-3");

    [Fact]
    public void A_node_that_is_lost_under_two_simulations_is_one_incident_and_counts_once()
    {
        var book = new FailureBook();
        book.Add(Lost(Node, 1, seen: -10, at: 0));
        book.Add(Felt("s-a", 1, seen: -10, at: 1, lost: 180));
        book.Add(Felt("s-b", 1, seen: -10, at: 2, lost: 60));

        var incident = book.Incidents().ShouldHaveSingleItem();
        incident.Records.Select(static failure => failure.Simulation?.Value).ShouldBe([null, "s-a", "s-b"]);
        incident.AsOne.ShouldSatisfyAllConditions(static one => one.IsResolved.ShouldBeFalse(), static one => one.TimeToDetect.ShouldBe(TimeSpan.FromSeconds(10)), static one => one.WorkLost.ShouldBe(TimeSpan.FromMinutes(4)));
        incident.Downtime(Now.AddSeconds(50)).ShouldBe(TimeSpan.FromSeconds(60), "it lasts");

        book.Add(Recovered("s-a", 1, seen: -10, at: 1, recovered: 45));
        book.Incidents().Single().AsOne.IsResolved.ShouldBeFalse("the other one does not run yet");
        book.Add(Recovered("s-b", 1, seen: -10, at: 2, recovered: 90));

        RecoveryTally.Of(book.Incidents().Select(static one => one.AsOne)).ShouldSatisfyAllConditions(
            static tally => tally.Failures.ShouldBe(1), static tally => tally.Recovered.ShouldBe(1), static tally => tally.MeanTimeToRepair.ShouldBe(TimeSpan.FromSeconds(90)));
        book.Incidents().Single().Downtime(Now.AddHours(1)).ShouldBe(TimeSpan.FromSeconds(100));
    }

    [Fact]
    public void The_nodes_own_failure_is_over_when_it_is_heard_of_again_and_a_second_loss_is_another_incident()
    {
        var book = new FailureBook();
        book.Add(Lost(Node, 1, seen: -10, at: 0));
        book.Add(new() { Kind = EventKinds.NodeRecovered, Source = "n-9", At = Now.AddSeconds(20), Text = "another" });
        book.Records.Single().IsResolved.ShouldBeFalse();

        book.Add(new() { Kind = EventKinds.NodeRecovered, Source = Node.Value, At = Now.AddSeconds(30), Text = "n-3 is heard of again." });
        book.Records.Single().ShouldSatisfyAllConditions(static own => own.Resolution.ShouldBe("n-3 is heard of again."), static own => own.TimeToRepair.ShouldBe(TimeSpan.FromSeconds(30)));

        book.Add(Lost(Node, 2, seen: 3590, at: 3600));
        book.Add(Felt("s-a", 2, seen: 3590, at: 3601, lost: 0));
        book.Incidents().Select(static incident => incident.Records.Length).ShouldBe([2, 1]);
    }

    [Fact]
    public void Other_failures_are_incidents_of_their_own_whatever_happens_to_the_node()
    {
        var book = new FailureBook();
        book.Add(Lost(Node, 1, seen: -10, at: 0));
        book.Add(Of("s-a", new() { Number = 1, Kind = FailureKind.ProcessCrash, Simulation = new SimulationId("s-a"), Stage = "run", Node = Node, OccurredAt = Now, DetectedAt = Now }));
        book.Add(Felt("s-b", 1, seen: -10, at: 1, lost: 0, node: "n-4"));

        book.Incidents().Length.ShouldBe(3);
    }

    [Fact]
    public void A_failure_whose_events_are_gone_is_still_told_by_the_history_of_its_simulation_and_counts_once_where_they_are_not()
    {
        var closed = new FailureRecord { Number = 1, Kind = FailureKind.ProcessCrash, Simulation = new SimulationId("s-a"), Stage = "run", OccurredAt = Now.AddDays(-60), DetectedAt = Now.AddDays(-60), IsResolved = true };
        var book = new FailureBook();
        book.AddClosed(closed);
        book.AddClosed(closed with { Number = 2, DetectedAt = Now });

        book.Add(Of("s-a", closed with { Number = 2, DetectedAt = Now, Resolution = "it runs again" }));

        book.Records.Select(static failure => (failure.Number, failure.Resolution)).ShouldBe([(1L, null), (2L, "it runs again")], ignoreOrder: true);
    }

    private static OrchestratorEvent Lost(NodeId node, long number, int seen, int at) => new()
    {
        Kind = EventKinds.NodeLost, Source = node.Value, At = Now.AddSeconds(at),
        Failure = new() { Number = number, Kind = FailureKind.NodeOffline, Detection = FailureDetection.Heartbeat, Node = node, OccurredAt = Now.AddSeconds(seen), DetectedAt = Now.AddSeconds(at) },
    };

    private static OrchestratorEvent Felt(string simulation, long number, int seen, int at, int lost, string node = "n-3") => Of(simulation, new()
    {
        Number = number, Kind = FailureKind.NodeOffline, Simulation = new SimulationId(simulation), Stage = "run", Node = new NodeId(node),
        OccurredAt = Now.AddSeconds(seen), DetectedAt = Now.AddSeconds(at), WorkLost = TimeSpan.FromSeconds(lost),
    });

    private static OrchestratorEvent Recovered(string simulation, long number, int seen, int at, int recovered)
    {
        var felt = Felt(simulation, number, seen, at, 0);
        return felt with { Kind = EventKinds.FailureRecovered, Failure = felt.Failure! with { IsResolved = true, RecoveredAt = Now.AddSeconds(recovered) } };
    }

    private static OrchestratorEvent Of(string source, FailureRecord failure) => new() { Kind = EventKinds.FailureDetected, Source = source, At = failure.DetectedAt, Failure = failure };
}
