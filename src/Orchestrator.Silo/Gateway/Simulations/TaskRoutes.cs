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
            async call =>
            {
                var exchange = call.Read<TaskExchange>();
                var view = await access.ControlAsync(call);
                var workers = WorkersOf(view, call.Route("set"));
                var definition = workers[0].Tasks!;
                if (!int.TryParse(call.Route("segment"), NumberStyles.None, CultureInfo.InvariantCulture, out var segment) || segment >= definition.Segments)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "segment", Message = $"\"{call.Route("segment")}\" is not allowed", Allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {definition.Segments - 1}") });
                }

                if (workers.FirstOrDefault(stage => stage.Tasks!.Worker == exchange.Worker) is not { } worker || exchange.Epoch < 1 || exchange.Epoch > worker.Epoch || exchange.Sequence < 1)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "worker", Message = string.Create(CultureInfo.InvariantCulture, $"there is no attempt {exchange.Epoch} of worker {exchange.Worker}"), Allowed = "an attempt of this stage, and a sequence from 1" });
                }

                var run = RunOf(workers);
                if (exchange.Run >= 0 && exchange.Run != run)
                {
                    // The tasks were told to begin anew: what it has is of a run that is over.
                    return Reply.Json(new TaskExchangeReply { Outcome = TaskExchangeOutcome.Over, Run = run });
                }

                var grain = grains.GetGrain<ITaskSegmentGrain>(TaskSegmentKey.Of(view.Id, definition.Set, run, segment));
                var said = new SegmentExchange { Exchange = exchange with { Node = worker.Nodes.IsEmpty ? "" : worker.Nodes[0].Value }, Over = workers.ToImmutableSortedDictionary(static stage => stage.Tasks!.Worker, static stage => OverTo(stage)) };
                var reply = await grain.ExchangeAsync(said);
                if (reply.Outcome == TaskExchangeOutcome.Unopened)
                {
                    await grain.OpenAsync(definition.RowsOf(segment));
                    reply = await grain.ExchangeAsync(said);
                }

                return Reply.Json(reply with { Run = run });
            });
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
                var view = await access.ControlAsync(call);
                var workers = WorkersOf(view, call.Route("set"));
                var retried = (await AskAsync(grains, view, workers, static segment => segment.RetryAsync())).Sum();

                // Asked again after a fault in between, it has nothing more to retry, and still has to run what waits.
                var waits = (await AskAsync(grains, view, workers, static segment => segment.GetAsync())).Any(static segment => segment.IsOpen && segment.Counts.Waiting > 0);
                var ended = waits && workers.Exists(static stage => stage.Status is StageStatus.Completed or StageStatus.Failed or StageStatus.SoftFailed)
                    ? workers.FindAll(static stage => stage.Status >= StageStatus.Completed)
                    : [];
                foreach (var worker in ended)
                {
                    var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).SteerAsync(new()
                    {
                        Verb = StageVerb.Rerun, Stage = worker.Name, KeepsTasks = true, Reason = reason, By = call.Caller.Principal.User, Role = call.Caller.Principal.Role.ToString(), Controls = true,
                    });
                    if (reply.Outcome == ControlOutcome.Refused)
                    {
                        throw ProblemException.Conflict($"{retried} tasks wait again, and {worker.Name} cannot run again now: {string.Join(' ', reply.Problems)}");
                    }
                }

                return Reply.Json(new TaskRetryReply { Tasks = retried, IsRerun = ended.Count > 0 }) with { Outcome = retried + ended.Count > 0 ? "accepted" : "unchanged", Details = reason };
            });
    }

    /// <summary>
    /// The newest epoch of a worker that is over for certain. It only grows, whatever is known of it late: the newest one only when it is closed, those before it always.
    /// </summary>
    private static int OverTo(StageView worker) =>
        worker.RecentAttempts.Any(attempt => attempt.Attempt.Epoch == worker.Epoch && attempt.End != AttemptEnd.Absent) ? worker.Epoch : Math.Max(0, worker.Epoch - 1);

    private static int RunOf(List<StageView> workers) => workers.Max(static stage => stage.TaskRun);

    private static List<StageView> WorkersOf(SimulationView view, string set)
    {
        // By the name of one worker, too.
        var name = view.Stages.FirstOrDefault(stage => stage.Name == set)?.Tasks?.Set ?? set;
        var workers = view.Stages.Where(stage => stage.Tasks?.Set == name).DistinctBy(static stage => stage.Tasks!.Worker).ToList();
        return workers.Count > 0 ? workers : throw ProblemException.NotFound($"The stage {set} with tasks in {view.Id}");
    }

    private static async Task<TaskSetStatus> StatusAsync(IGrainFactory grains, SimulationView view, List<StageView> workers)
    {
        var definition = workers[0].Tasks!;
        var segments = await AskAsync(grains, view, workers, static segment => segment.GetAsync());
        var counts = segments.Select((segment, number) => segment.IsOpen ? segment.Counts : new TaskCounts { Waiting = definition.NumbersOf(number).Count }).Aggregate(static (one, other) => one + other);
        return new()
        {
            Stage = definition.Set,
            Tasks = definition.Count,
            Counts = counts,
            FailuresMax = definition.FailuresMax,
            TaskTime = segments.Aggregate(TimeSpan.Zero, static (sum, segment) => sum + segment.TaskTime),
            Failed = [.. segments.SelectMany(static segment => segment.Failed).Take(TaskSetStatus.FailuresShown).Select(pair => Failed(view.Id, definition, workers, pair.Key, pair.Value))],
        };
    }

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

    private static async Task<List<T>> AskAsync<T>(IGrainFactory grains, SimulationView view, List<StageView> workers, Func<ITaskSegmentGrain, Task<T>> ask)
    {
        var (definition, run, answers) = (workers[0].Tasks!, RunOf(workers), new List<T>());
        foreach (var some in Enumerable.Range(0, definition.Segments).Chunk(AskedAtOnce))
        {
            answers.AddRange(await Task.WhenAll(some.Select(segment => ask(grains.GetGrain<ITaskSegmentGrain>(TaskSegmentKey.Of(view.Id, definition.Set, run, segment))))));
        }

        return answers;
    }
}
