using System.Collections.Immutable;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Core.Simulations;

/// <summary>Stages that are workers of one set of tasks: what becomes of one decides about the others.</summary>
internal static class TaskWorkers
{
    /// <summary>The places of the workers of a set, by the place of one of them or of the barrier behind them; empty: it is neither.</summary>
    public static ImmutableArray<int> Of(SimulationState state, int i) => Of(state, state.Definition.Stages[i].Tasks?.Set ?? state.Stages[i].Name);

    public static ImmutableArray<int> Of(SimulationState state, string set) =>
        [.. Enumerable.Range(0, state.Stages.Length).Where(place => state.Definition.Stages[place].Tasks is { } tasks && tasks.Set == set)];

    /// <summary>Which run of its tasks a set is in.</summary>
    public static int RunOf(SimulationState state, ImmutableArray<int> workers) => workers.Max(place => state.Stages[place].TaskRun);

    /// <summary>
    /// The newest epoch of a worker that is over for certain. It only grows, whatever is known of it late: the newest one only when it is closed, those before it always.
    /// </summary>
    public static int OverTo(StageState worker) => worker.Live is null ? worker.Epoch : Math.Max(0, worker.Epoch - 1);

    /// <summary>The workers of a set, by its name or that of one of them; none where it has none.</summary>
    public static TaskWorkersView View(SimulationState state, string stage)
    {
        var place = state.IndexOf(stage);
        var workers = place < 0 ? Of(state, stage) : Of(state, place);
        return workers.IsEmpty ? new() { Owner = state.Definition.Owner } : new()
        {
            Owner = state.Definition.Owner,
            Set = state.Definition.Stages[workers[0]].Tasks!.Set,
            Run = RunOf(state, workers),
            Segments = TaskSetDefinition.Whole(state.Definition.Stages, state.Definition.Stages[workers[0]])!.Segments,
            Workers = [.. workers.Select(worker => new TaskWorkerView
            {
                Worker = state.Definition.Stages[worker].Tasks!.Worker,
                Stage = state.Stages[worker].Name,
                Status = state.Stages[worker].Status,
                Epoch = state.Stages[worker].Epoch,
                OverTo = OverTo(state.Stages[worker]),
                Node = state.Stages[worker].Live is { IsGranted: true } live ? live.Shares[0].Node.Value : "",
            })],
        };
    }

    /// <summary>Once a worker has found every task ended there is nothing left for those that wait for nodes: they need none.</summary>
    public static void Settle(SimulationDraft draft, int i)
    {
        if (draft.DefinitionOf(i).Tasks is not { Workers: > 1 } || !draft[i].IsFinal)
        {
            return;
        }

        var workers = Of(draft.State, i);
        var haveFailed = workers.Any(place => draft[place] is { Status: StageStatus.Failed, ExitStatus: TaskSetDefinition.TooManyFailed });
        if (!haveFailed && !workers.Any(place => FoundAllEnded(draft[place])))
        {
            return;
        }

        foreach (var place in workers.Where(place => draft[place] is { IsFinal: false, Live: null or { IsGranted: false } }))
        {
            if (draft[place].Live is not null)
            {
                Attempts.Close(draft, place, AttemptEnd.Withdrawn, "withdrawn from the queue: every task has its end");
            }

            draft.Set(place, draft[place] with { Progress = 1, ProgressMax = 1 });
            Attempts.Finish(draft, place, haveFailed ? StageStatus.Skipped : StageStatus.Completed, $"nothing was left for it: every task has its end{(haveFailed ? ", and more of them failed than may" : "")}");
        }
    }

    /// <summary>A worker failed, and others have done all there was: that costs the simulation nothing.</summary>
    public static bool IsMadeGood(SimulationState state, int i) => state.Definition.Stages[i].Tasks is { Workers: > 1 } && Of(state, i).Any(place => FoundAllEnded(state.Stages[place]));

    /// <summary>Its own program said so; where a person set it to completed nothing is known of the tasks.</summary>
    private static bool FoundAllEnded(StageState worker) => worker is { Status: StageStatus.Completed, ExitStatus: 0 };
}
