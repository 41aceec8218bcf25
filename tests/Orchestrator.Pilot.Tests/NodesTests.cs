namespace Orchestrator.Pilot.Tests;

/// <summary>Workers on other nodes, here processes that a launcher of one word starts.</summary>
public sealed class NodesTests : IDisposable
{
    private readonly Flight flight = new();

    [Fact]
    public async Task Tasks_run_on_all_nodes_and_their_ends_come_back()
    {
        var (status, output, error) = await flight.RunAsync(
            1, Enumerable.Range(0, 60).Select(number => new { id = $"t{number}", command = $"echo $NODE; sleep 0.05; exit {(number == 7 ? 9 : 0)}" }),
            "--nodes", "a,b", "--launch", "env NODE={node}", "--no-pin", "--db", "state.db");

        status.ShouldBe(1, error);
        output.ShouldContain("60 tasks; 3 cores on 3 nodes");
        output.ShouldContain("✗ t7 exit status 9");
        output.ShouldContain("Completed: 59 | Failed: 1 |");
        Enumerable.Range(0, 60).Select(number => flight.OutputOf($"t{number}").Trim()).Distinct().Order().ShouldBe(["", "a", "b"]);
    }

    [Fact]
    public async Task A_worker_that_dies_gives_back_what_it_had()
    {
        var (status, output, error) = await flight.RunAsync(
            1, Enumerable.Range(0, 20).Select(number => new { id = $"t{number}", command = "test \"$NODE\" != b || kill -9 $PPID; sleep 0.1; echo $NODE" }),
            "--nodes", "a,b", "--launch", "env NODE={node}", "--no-pin");

        status.ShouldBe(0, error);
        error.ShouldContain("b is lost (its worker ended); ");
        output.ShouldContain("Completed: 20 | Failed: 0 |");
    }

    [Fact]
    public async Task A_node_that_does_not_come_up_is_left_out()
    {
        var (status, output, error) = await flight.RunAsync(1, new[] { new { id = "t", command = "true" } }, "--nodes", "a", "--launch", "false");

        status.ShouldBe(0, error);
        error.ShouldContain("a is left out: it ended before it said what it has");
        output.ShouldContain("1 tasks; 1 cores");
    }

    [Fact]
    public async Task Wide_tasks_and_time_outs_hold_on_other_nodes_too()
    {
        var (status, output, error) = await flight.RunAsync(
            2, Enumerable.Range(0, 6).Select(number => new { id = $"t{number}", command = "sleep 100", cores = 2, timeout = 1 }), "--nodes", "a", "--launch", "env NODE={node}", "--no-pin", "--output", "packed");

        status.ShouldBe(1, error);
        output.ShouldContain("Completed: 0 | Failed: 6 |");
        output.ShouldContain("ended after its time-out of 1 s");
    }

    public void Dispose() => flight.Dispose();
}
