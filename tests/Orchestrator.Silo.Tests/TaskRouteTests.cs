using System.Net;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Silo.Tests;

/// <summary>Tasks of stages over HTTP, with workers that say what the test wants.</summary>
public sealed class TaskRouteTests
{
    private const string Sweep = """
        name: sweep
        project: lab/heat
        stages:
          s: { duration: 1m, tasks: { workers: 2, count: 12000, run: "run {index}" } }
        """;

    [Fact]
    public async Task Workers_get_tasks_under_their_epoch_and_what_one_that_is_over_had_goes_to_the_other()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var accepted = await silo.SubmitAsync(Sweep);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        var (one, _) = await agent.LeaseAsync("s-1");
        var (two, _) = await agent.LeaseAsync("s-2");
        (await agent.LaunchAsync(one.Attempt)).Launch!.Stage.Tasks!.Worker.ShouldBe(1);
        await agent.LaunchAsync(two.Attempt);
        await agent.ReportAsync(new AttemptReport.Started { Attempt = one.Attempt, ProcessId = 1 }, new AttemptReport.Started { Attempt = two.Attempt, ProcessId = 2 });

        var lost = await ExchangeAsync(silo, 1, new() { Worker = 1, Epoch = 1, Sequence = 1, Cores = 3 });
        TaskRanges.Numbers(lost.Given!.Tasks).ShouldBe([10_000, 10_001, 10_002]);
        var status = await silo.GetAsync<TaskSetStatus>("/v1/simulations/s-sweep/tasks/s");
        (status.Tasks, status.Counts).ShouldBe((12_000, new TaskCounts { Waiting = 11_997, Given = 3 }));

        await agent.ReportAsync(new AttemptReport.Exited { Attempt = one.Attempt, ExitStatus = TaskSetDefinition.BadNode, LastWords = TaskSetDefinition.BadNodeWords });
        (await silo.GetAsync<TaskSetStatus>("/v1/simulations/s-sweep/tasks/s")).Idle.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static idle => (idle.Stage, idle.Status).ShouldBe(("s-1", StageStatus.Backoff)), static idle => idle.Reason.ShouldContain(TaskSetDefinition.BadNodeWords));
        var other = await ExchangeAsync(silo, 1, new() { Worker = 2, Epoch = 1, Sequence = 1, Cores = 4, Ended = [new() { Serial = lost.Given.Serial, Completed = [new(10_000, 10_002)] }] });
        TaskRanges.Numbers(other.Given!.Tasks).ShouldBe([10_000, 10_001, 10_002, 10_003]);
        (await ExchangeAsync(silo, 1, new() { Worker = 1, Epoch = 1, Sequence = 2, Ended = [new() { Serial = lost.Given.Serial, Completed = [new(10_000, 10_002)] }] })).Outcome.ShouldBe(TaskExchangeOutcome.Over);
        (await ExchangeAsync(silo, 1, new() { Worker = 2, Epoch = 1, Sequence = 2, Run = 7 })).Outcome.ShouldBe(TaskExchangeOutcome.Over, "another run of the tasks");
        (await ExchangeAsync(silo, 1, new() { Worker = 2, Epoch = 1, Sequence = 2, Ended = [new() { Serial = other.Given.Serial, Completed = [new(10_000, 10_002)], Failed = [new() { Task = 10_003, Kind = TaskFaultKind.Failed, Code = 9 }] }] })).Counts
            .ShouldBe(new TaskCounts { Waiting = 1_996, Completed = 3, Failed = 1 });

        status = await silo.GetAsync<TaskSetStatus>("/v1/simulations/s-sweep/tasks/s-2");
        status.Failed.ShouldHaveSingleItem().ShouldSatisfyAllConditions(static task => task.Name.ShouldBe("s-10004"), static task => task.Code.ShouldBe(9), static task => task.Folder.ShouldBe("runs/s-sweep/s-2/e1/run/s-10004"));
        var retried = await SiloUnderTest.ReadAsync<TaskRetryReply>(await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-sweep/tasks/s/retry-failed", """{ "reason": "mended" }"""));
        retried.ShouldBe(new TaskRetryReply { Tasks = 1 });
    }

    [Fact]
    public async Task Failed_tasks_run_again_whether_their_worker_has_found_nothing_left_has_ended_or_has_failed_with_tasks_in_its_hands()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var accepted = await silo.SubmitAsync(Sweep.Replace("workers: 2, count: 12000", "count: 3", StringComparison.Ordinal).Replace("duration: 1m", "duration: 1m, retries: 0", StringComparison.Ordinal));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        var first = await StartAsync(1);
        var given = await ExchangeAsync(silo, 0, new() { Worker = 1, Epoch = 1, Sequence = 1, Cores = 3 });
        var done = await ExchangeAsync(silo, 0, new() { Worker = 1, Epoch = 1, Sequence = 2, Closes = true, Ended = [new() { Serial = given.Given!.Serial, Completed = [new(0, 1)], Failed = [new() { Task = 2, Kind = TaskFaultKind.Failed, Code = 9 }] }] });
        done.Counts.IsFinished.ShouldBeTrue();

        // It is about to end, and does not know yet that anything waits.
        (await RetryAsync()).ShouldBe(new TaskRetryReply { Tasks = 1, IsRerun = true });
        (await ExchangeAsync(silo, 0, new() { Worker = 1, Epoch = 1, Sequence = 3, Cores = 1 })).Outcome.ShouldBe(TaskExchangeOutcome.Over);
        (await agent.ReportAsync(new AttemptReport.Exited { Attempt = first, ExitStatus = 0 }))[0].Instruction.ShouldBe(ReportInstruction.Discard);

        // It fails for good with a task in its hands; nothing has failed, and nothing waits.
        var second = await StartAsync(2);
        TaskRanges.Numbers((await ExchangeAsync(silo, 0, new() { Worker = 1, Epoch = 2, Sequence = 1, Cores = 3 })).Given!.Tasks).ShouldBe([2]);
        await agent.ReportAsync(new AttemptReport.Exited { Attempt = second, ExitStatus = 65 });
        (await silo.GetAsync<SimulationView>("/v1/simulations/s-sweep")).Stages[0].Status.ShouldBe(StageStatus.Failed);
        (await silo.GetAsync<TaskSetStatus>("/v1/simulations/s-sweep/tasks/s")).Counts.ShouldBe(new TaskCounts { Waiting = 1, Completed = 2 }, "nobody runs any");
        (await RetryAsync()).ShouldBe(new TaskRetryReply { Tasks = 0, IsRerun = true });
        await StartAsync(3);
        TaskRanges.Numbers((await ExchangeAsync(silo, 0, new() { Worker = 1, Epoch = 3, Sequence = 1, Cores = 3 })).Given!.Tasks).ShouldBe([2]);
        (await RetryAsync()).ShouldBe(new TaskRetryReply());

        async Task<AttemptId> StartAsync(int epoch)
        {
            var (lease, _) = await agent.LeaseAsync("s", epoch);
            (await agent.LaunchAsync(lease.Attempt)).Launch.ShouldNotBeNull();
            await agent.ReportAsync(new AttemptReport.Started { Attempt = lease.Attempt, ProcessId = 1 });
            return lease.Attempt;
        }

        async Task<TaskRetryReply> RetryAsync() => await SiloUnderTest.ReadAsync<TaskRetryReply>(await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-sweep/tasks/s/retry-failed", """{ "reason": "mended" }"""));
    }

    [Fact]
    public async Task Only_who_may_and_what_is_there_is_answered()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var cora = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var stan = await silo.ClientAsync("stan", "administrator", "other");
        using var accepted = await silo.SubmitAsync(Sweep, by: sam);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        var exchange = JsonSerializer.Serialize(new TaskExchange { Worker = 1, Epoch = 1, Sequence = 1, Cores = 1 }, WireJson.Options);

        (await SiloUnderTest.SendAsync(cora, "/v1/simulations/s-sweep/tasks/s/0/exchange", exchange)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.SendAsync(cora, "/v1/simulations/s-sweep/tasks/s/retry-failed", "{}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.SendAsync(stan, "/v1/simulations/s-sweep/tasks/s/0/exchange", exchange)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SiloUnderTest.SendAsync(sam, "/v1/simulations/s-sweep/tasks/nothing/0/exchange", exchange)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(sam, "/v1/simulations/s-sweep/tasks/s/2/exchange", exchange), 400)).Problems.ShouldHaveSingleItem().Allowed.ShouldBe("a whole number from 0 to 1");
        (await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(sam, "/v1/simulations/s-sweep/tasks/s/0/exchange", exchange.Replace("\"worker\":1", "\"worker\":3", StringComparison.Ordinal)), 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("worker");
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-sweep");
        view.Stages[0].Tasks!.Count.ShouldBe(12_000);
        view.Status.ShouldBe(SimulationStatus.Pending);
    }

    private static async Task<TaskExchangeReply> ExchangeAsync(SiloUnderTest silo, int segment, TaskExchange exchange) =>
        await SiloUnderTest.ReadAsync<TaskExchangeReply>(await SiloUnderTest.SendAsync(silo.Owner, $"/v1/simulations/s-sweep/tasks/s/{segment}/exchange", JsonSerializer.Serialize(exchange, WireJson.Options)));
}
