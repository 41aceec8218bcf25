using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Abstractions.TaskSets;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Tasks of stages that are arrays: what workers say and get, and what people see and ask.</summary>
internal static class TaskRoutes
{
    /// <summary>Segments that are asked at once.</summary>
    private const int AskedAtOnce = 16;

    public static void Map(Routes routes)
    {
        var (grains, access) = (routes.Get<IGrainFactory>(), routes.Get<SimulationAccess>());
        routes.Map(
            "POST", "/v1/simulations/{id}/tasks/{set}/{segment}/exchange",
            new() { Summary = "A worker tells which tasks ended and gets more. Repeated with the same sequence it gets the same ones.", Role = Role.Submitter, Takes = typeof(TaskExchange), Returns = typeof(TaskExchangeReply) },
            async call => Reply.Json(await ExchangeAsync(grains, access, call)));
        routes.Map("GET", "/v1/simulations/{id}/tasks/{set}", new() { Summary = "The tasks of a stage.", Returns = typeof(TaskSetStatus) }, async call =>
        {
            call.Query.Check();
            var view = await access.SeeAsync(call);
            return Reply.Json(await StatusAsync(grains, view, WorkersOf(view, call.Route("set"))));
        });
        routes.Map(
            "POST", "/v1/simulations/{id}/tasks/{set}/retry-failed",
            new() { Summary = "Tasks that failed wait again, from their first attempt; a stage that has ended runs again for them, and what comes after it.", Role = Role.Submitter, Action = "simulation.tasks.retry", Takes = typeof(Reasoned), Returns = typeof(TaskRetryReply) },
            async call =>
            {
                var reason = Reasoned.From(call).Reason;
                var reply = await RetryAsync(grains, access, call, reason);
                return Reply.Json(reply) with { Outcome = reply.Tasks > 0 || reply.IsRerun ? "accepted" : "unchanged", Details = reason };
            });
    }

    private static async Task<TaskExchangeReply> ExchangeAsync(IGrainFactory grains, SimulationAccess access, Call call)
    {
        var exchange = call.Read<TaskExchange>();
        var set = await access.ControlTasksAsync(call, call.Route("set"));
        if (!int.TryParse(call.Route("segment"), NumberStyles.None, CultureInfo.InvariantCulture, out var segment) || segment >= set.Segments)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "segment", Message = $"\"{call.Route("segment")}\" is not allowed", Allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {set.Segments - 1}") });
        }

        if (set.Workers.FirstOrDefault(worker => worker.Worker == exchange.Worker) is not { } speaker || exchange.Epoch < 1 || exchange.Epoch > speaker.Epoch || exchange.Sequence < 1)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "worker", Message = string.Create(CultureInfo.InvariantCulture, $"there is no attempt {exchange.Epoch} of worker {exchange.Worker}"), Allowed = "an attempt of this stage, and a sequence from 1" });
        }

        if (exchange.Run >= 0 && exchange.Run != set.Run)
        {
            // The tasks were told to begin anew: what it has is of a run that is over.
            return new() { Outcome = TaskExchangeOutcome.Over, Run = set.Run };
        }

        var grain = SegmentOf(grains, call.Id<SimulationId>(), set.Set, set.Run, segment);
        var said = new SegmentExchange
        {
            Exchange = exchange with { Node = speaker.Node },
            Over = OverOf(set),
            HasOthers = set.Workers.Any(worker => worker.Worker != exchange.Worker && worker.Status == StageStatus.Running),
        };
        var reply = await grain.ExchangeAsync(said);
        if (reply.Outcome == TaskExchangeOutcome.Unopened)
        {
            var view = await access.ControlAsync(call);
            await grain.OpenAsync(DefinitionOf(WorkersOf(view, set.Set)).RowsOf(segment));
            reply = await grain.ExchangeAsync(said);
        }

        return reply with { Run = set.Run };
    }

    /// <remarks>
    /// A worker that finds nothing left says so to the first segment, and looks at all of them after that before it ends. So the tasks wait first, then the first segment is asked who
    /// has said so, and then the stages whether they have ended: a worker that is in neither sees what waits.
    /// </remarks>
    private static async Task<TaskRetryReply> RetryAsync(IGrainFactory grains, SimulationAccess access, Call call, string? reason)
    {
        var (id, stage) = (call.Id<SimulationId>(), call.Route("set"));
        var set = await access.ControlTasksAsync(call, stage);
        var over = OverOf(set);
        var segments = await AskAsync(grains, id, set.Set, set.Run, set.Segments, segment => segment.ResumeAsync(over));
        var closed = (await SegmentOf(grains, id, set.Set, set.Run, 0).ResumeAsync(over)).OverTo;
        var after = await access.ControlTasksAsync(call, stage);
        var reply = new TaskRetryReply { Tasks = segments.Sum(static segment => segment.Retried) };

        // Asked again after a fault in between, nothing is to be retried any more, and what waits is still to be run. So is what an attempt had that has ended for good.
        if (!segments.Exists(static segment => segment.IsLeft))
        {
            return reply;
        }

        var ended = after.Workers.Where(static worker => worker.Status is StageStatus.Completed or StageStatus.Failed or StageStatus.SoftFailed).Take(1);
        var leaving = after.Workers.Where(worker => worker.Status < StageStatus.Completed && worker.OverTo < worker.Epoch && closed.GetValueOrDefault(worker.Worker) >= worker.Epoch);
        foreach (var worker in ended.Concat(leaving).ToList())
        {
            // With one that has ended go all others that have.
            var steered = await grains.GetGrain<ISimulationGrain>(id.Value).SteerAsync(new()
            {
                Verb = StageVerb.Rerun, Stage = worker.Stage, KeepsTasks = true, Reason = reason, By = call.Caller.Principal.User, Role = call.Caller.Principal.Role.ToString(), Controls = true,
            });
            if (steered.Outcome == ControlOutcome.Refused)
            {
                throw ProblemException.Conflict($"{reply.Tasks} tasks wait again, and {worker.Stage} cannot run again now: {string.Join(' ', steered.Problems)}");
            }

            reply = reply with { IsRerun = true };
        }

        return reply;
    }

    private static async Task<TaskSetStatus> StatusAsync(IGrainFactory grains, SimulationView view, List<StageView> workers)
    {
        var definition = DefinitionOf(workers);
        var (counts, time, failed) = (new TaskCounts(), TimeSpan.Zero, ImmutableArray.CreateBuilder<FailedTask>());
        foreach (var numbers in Enumerable.Range(0, definition.Segments).Chunk(AskedAtOnce))
        {
            // Enough for those that are shown, whichever of them has any.
            var wanted = TaskSetStatus.FailuresShown - failed.Count;
            var segments = await Task.WhenAll(numbers.Select(number => SegmentOf(grains, view.Id, definition.Set, RunOf(workers), number).GetAsync(wanted)));
            foreach (var (segment, number) in segments.Zip(numbers))
            {
                counts += segment.IsOpen ? segment.Counts : new TaskCounts { Waiting = definition.NumbersOf(number).Count };
                time += segment.TaskTime;
                failed.AddRange(segment.Failed.Take(TaskSetStatus.FailuresShown - failed.Count).Select(pair => Failed(view.Id, definition, workers, pair.Key, pair.Value)));
            }
        }

        // Whoever had tasks and has ended for good runs none of them any more; they are taken back when somebody asks for more.
        var isOver = workers.TrueForAll(static stage => stage.Status >= StageStatus.Completed);
        return new()
        {
            Stage = definition.Set,
            Tasks = definition.Count,
            Counts = isOver ? counts with { Waiting = counts.Waiting + counts.Given, Given = 0 } : counts,
            FailuresMax = definition.FailuresMax,
            TaskTime = time,
            Failed = failed.ToImmutable(),
            Idle =
            [
                .. workers.Where(static stage => stage is { Status: StageStatus.Queued or StageStatus.Backoff or StageStatus.Failed, Reason.Length: > 0 })
                    .Select(static stage => new IdleTaskWorker { Stage = stage.Name, Status = stage.Status, Reason = stage.Reason! }),
            ],
        };
    }

    private static int RunOf(List<StageView> workers) => workers.Max(static stage => stage.TaskRun);

    /// <summary>One of them has the groups for all.</summary>
    private static TaskSetDefinition DefinitionOf(List<StageView> workers) => workers.Select(static stage => stage.Tasks!).OrderBy(static tasks => tasks.Groups.IsDefaultOrEmpty).First();

    private static List<StageView> WorkersOf(SimulationView view, string set)
    {
        // By the name of one worker, too.
        var name = view.Stages.FirstOrDefault(stage => stage.Name == set)?.Tasks?.Set ?? set;
        var workers = view.Stages.Where(stage => stage.Tasks?.Set == name).DistinctBy(static stage => stage.Tasks!.Worker).ToList();
        return workers.Count > 0 ? workers : throw ProblemException.NotFound($"The stage {set} with tasks in {view.Id}");
    }

    private static ImmutableSortedDictionary<int, int> OverOf(TaskWorkersView set) =>
        set.Workers.DistinctBy(static worker => worker.Worker).ToImmutableSortedDictionary(static worker => worker.Worker, static worker => worker.OverTo);

    private static FailedTask Failed(SimulationId simulation, TaskSetDefinition definition, List<StageView> workers, int number, TaskFailure failure)
    {
        var name = definition.NameOf(number);
        var stage = workers.FirstOrDefault(stage => stage.Tasks!.Worker == failure.Worker)?.Name ?? definition.Set;
        return new()
        {
            Name = name,
            Kind = failure.Kind,
            Code = failure.Code,
            Attempts = failure.Attempts,
            Node = failure.Node,
            At = failure.At,
            Folder = $"{RunLayout.RunDirectory(new(simulation, stage, failure.Epoch))}/{name}",
        };
    }

    private static ITaskSegmentGrain SegmentOf(IGrainFactory grains, SimulationId simulation, string set, int run, int segment) =>
        grains.GetGrain<ITaskSegmentGrain>(TaskSegmentKey.Of(simulation, set, run, segment));

    private static async Task<List<T>> AskAsync<T>(IGrainFactory grains, SimulationId simulation, string set, int run, int segments, Func<ITaskSegmentGrain, Task<T>> ask)
    {
        var answers = new List<T>();
        foreach (var some in Enumerable.Range(0, segments).Chunk(AskedAtOnce))
        {
            answers.AddRange(await Task.WhenAll(some.Select(segment => ask(SegmentOf(grains, simulation, set, run, segment)))));
        }

        return answers;
    }
}
