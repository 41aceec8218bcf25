using Orchestrator.Pilot.Nodes;

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

    [Fact]
    public async Task What_a_killed_worker_left_running_is_ended_before_it_runs_elsewhere()
    {
        // The first waits here until the second runs there.
        var (status, output, error) = await flight.RunAsync(
            1,
            new[]
            {
                new { id = "here", command = "until test -s ../pid; do sleep 0.05; done" },
                new { id = "there", command = "if test \"$NODE\" = b; then trap '' TERM; echo $$ > ../pid; kill -9 $PPID; sleep 1000; sleep 1000; fi; test -z \"$(tr '\\0' x < /proc/$(cat ../pid)/cmdline)\"" },
            },
            "--nodes", "b", "--launch", "env NODE={node}", "--no-pin");

        status.ShouldBe(0, error);
        error.ShouldContain("b is lost (its worker ended); 1 tasks wait again");
        output.ShouldContain("Completed: 2 | Failed: 0 |");
    }

    [Fact]
    public async Task A_worker_that_is_told_to_end_gives_back_what_it_had_and_nothing_has_failed()
    {
        var (status, output, error) = await flight.RunAsync(
            1, Enumerable.Range(0, 6).Select(number => new { id = $"t{number}", command = "if test \"$NODE\" = b; then kill -TERM $PPID; sleep 1000; fi; sleep 0.1" }),
            "--nodes", "b", "--launch", "env NODE={node}", "--no-pin");

        status.ShouldBe(0, error);
        error.ShouldContain("b is lost (its worker ended)");
        output.ShouldContain("Completed: 6 | Failed: 0 |");
    }

    [Fact]
    public async Task A_worker_that_says_what_no_worker_says_is_lost_with_that_reason()
    {
        var (status, output, error) = await flight.RunAsync(
            1, Enumerable.Range(0, 6).Select(number => new { id = $"t{number}", command = "if test \"$NODE\" = b; then echo '{\"ended\": 5}' > /proc/$PPID/fd/1; sleep 1000; fi; sleep 0.1" }),
            "--nodes", "b", "--launch", "env NODE={node}", "--no-pin");

        status.ShouldBe(0, error);
        error.ShouldContain("""b is lost (it says what it should not: {"ended": 5})""");
        output.ShouldContain("Completed: 6 | Failed: 0 |");
    }

    [Fact]
    public async Task A_silent_node_is_lost_and_its_tasks_end_there_before_they_run_elsewhere()
    {
        // The connection hangs: both ways are there, and nothing comes through.
        flight.Write("relay.sh", """
            export NODE=$1; shift
            mkfifo to from
            "$@" < to > from &
            exec 3<&0
            cat <&3 > to & one=$!
            cat from & two=$!
            echo $one $two > cats
            wait
            """);
        const string there = """
            echo "${NODE:-here} begins" >> ../log
            if test "$NODE" = b; then trap 'echo "b ends" >> ../log; exit 1' TERM; kill -STOP $(cat ../../cats); sleep 1000 & wait; fi
            echo "${NODE:-here} ends" >> ../log
            """;
        var (status, output, error) = await flight.RunAsync(
            1, new[] { new { id = "here", command = "until test -e ../log; do sleep 0.05; done" }, new { id = "there", command = there } },
            "--nodes", "b", "--launch", "sh relay.sh {node}", "--no-pin", "--node-silence", "4s", "--kill-after", "1s");

        status.ShouldBe(0, error);
        error.ShouldContain("b is lost (it has said nothing for 4 s); 1 tasks wait again");
        output.ShouldContain("Completed: 2 | Failed: 0 |");
        File.ReadAllLines(Path.Combine(flight.Workdir, "log")).ShouldBe(["b begins", "b ends", "here begins", "here ends"]);
    }

    [Fact]
    public async Task Waiting_for_a_node_takes_of_the_time_that_is_left()
    {
        var (status, output, error) = await flight.RunAsync(
            1, new[] { new { id = "t", command = "true", timeout = 7 } }, "--nodes", "a", "--launch", "sleep 1000 #", "--time-left", "8s", "--db", "state.db");

        status.ShouldBe(75, error);
        error.ShouldContain("a is left out: its worker did not come up within ");
        output.ShouldContain("what is left cannot end before the time is over");
        flight.Rows()["pending"].ShouldBe(["t"]);
    }

    [Theory]
    [InlineData("nonsense"), InlineData("[]"), InlineData("{}"), InlineData("{\"ended\":[{}]}")]
    [InlineData("{\"ended\":[{\"serial\":1,\"outcome\":17,\"code\":0,\"ticks\":0}]}")]
    [InlineData("{\"ended\":[{\"serial\":1,\"outcome\":1,\"code\":1e99,\"ticks\":0}]}")]
    [InlineData("{\"ended\":[{\"serial\":1,\"outcome\":1,\"code\":0,\"ticks\":0,\"packed\":[1]}]}")]
    public void A_broken_line_is_told_as_one(string line) => Should.Throw<FormatException>(() => WorkerMessages.ReadEnded(line)).Message.ShouldContain(line);

    [Fact]
    public void An_end_is_read_as_it_was_written()
    {
        var end = new TaskEnd { Lease = new() { Serial = 7 }, Outcome = TaskOutcome.TimedOut, Code = -1, Duration = TimeSpan.FromTicks(12345), Message = "m", Packed = new() { Slot = 3, OutputLength = 5 } };

        WorkerMessages.ReadEnded(WorkerMessages.Ended([end])).ShouldBe([end]);
        WorkerMessages.ReadEnded(WorkerMessages.Alive).ShouldBeEmpty();
    }

    public void Dispose() => flight.Dispose();
}
