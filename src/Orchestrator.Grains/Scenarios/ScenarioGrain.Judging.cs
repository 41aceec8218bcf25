using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Criteria;
using Orleans.Runtime;

namespace Orchestrator.Grains.Scenarios;

internal sealed partial class ScenarioGrain
{
    private IGrainTimer evaluation = null!;
    private IGrainTimer judging = null!;
    private IGrainTimer takingScores = null!;
    private ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>? judged;

    private void ArmEvaluation()
    {
        if (!isLost && store.State is { Status: ScenarioStatus.Live, ChangedAt: { } changed })
        {
            var due = changed + options.Value.EvaluateAfter - clock.GetUtcNow();
            evaluation.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task EvaluateAsync(CancellationToken cancellationToken)
    {
        if (!isLost && store.State.ChangedAt is { } changed && changed + options.Value.EvaluateAfter <= clock.GetUtcNow())
        {
            await StepAsync(new ScenarioInput.Evaluate());
        }
        else
        {
            ArmEvaluation();
        }
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        if (isLost || store.State.Status != ScenarioStatus.Live || store.State.Definition.Steering == ScenarioSteering.Off)
        {
            return;
        }

        var judge = ServiceProvider.GetRequiredService<IScenarioJudge>();
        if (!judge.IsSet)
        {
            if (!store.State.OutsideScores.IsEmpty)
            {
                // Whoever gave them is asked no more: for months they would stand in the place of what is measured.
                judged = store.State.OutsideScores.Clear();
                takingScores.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }

            return;
        }

        var answer = await judge.AskAsync(store.State.Definition.Id, ScenarioMachine.QuestionOf(store.State), cancellationToken);
        if (answer is null || isLost)
        {
            return;
        }

        var (scores, ignored) = OutsideEvaluation.Read(answer, store.State.Definition.Variants.Keys.ToHashSet());
        if (ignored.Length > 0)
        {
            ScenarioGrainLog.ScoresIgnored(logger, Key, ignored.Length, ignored[0]);
        }

        // An answer of which nothing can be used says nothing: the last one holds. It is stored in a turn of its own, because this one runs beside others.
        if (scores.Count > 0 || ignored.IsEmpty)
        {
            judged = scores;
            takingScores.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task TakeScoresAsync(CancellationToken cancellationToken)
    {
        if (!isLost && judged is { } scores)
        {
            judged = null;
            await StepAsync(new ScenarioInput.Scored(scores));
        }
    }
}
