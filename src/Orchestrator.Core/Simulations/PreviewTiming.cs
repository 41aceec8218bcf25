using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Rendering;

namespace Orchestrator.Core.Simulations;

/// <summary>When running attempts are asked for previews, and what becomes of those that they make.</summary>
internal static class PreviewTiming
{
    /// <summary>A program that has not answered the last order is asked again after so many intervals only: it is busy with it, or does not listen.</summary>
    private const int UnansweredWaits = 4;

    /// <summary>Null: the stage makes none.</summary>
    public static PreviewPolicy? PolicyOf(SimulationState state, int i) => state.Definition.Stages[i].Preview is { Enabled: true } policy ? policy : null;

    /// <summary>What is still made, by what is known at present; nothing of a stage that makes none, or does not run.</summary>
    public static PreviewPlan Plan(SimulationState state, int i) => PolicyOf(state, i) is { } policy && FactsOf(state.Stages[i]) is { } facts ? PreviewSchedule.Plan(policy, facts) : new();

    /// <summary>When the next one is ordered by time; null: none is.</summary>
    public static DateTimeOffset? NextAt(SimulationState state, int i)
    {
        if (Plan(state, i).Outputs is not [var next, ..])
        {
            return null;
        }

        var live = state.Stages[i].Live!;
        return live.PreviewOrder > live.PreviewAnswered && live.PreviewOrderedAt is { } asked ? asked + (UnansweredWaits * (next.At - asked)) : next.At;
    }

    /// <summary>What is due by time. Of several that are due one is ordered, the best: they would all show the present.</summary>
    public static void Pass(SimulationDraft draft, int i)
    {
        if (NextAt(draft.State, i) <= draft.Now
            && PolicyOf(draft.State, i) is { } policy
            && FactsOf(draft[i]) is { } facts
            && PreviewSchedule.TakeDue(policy, facts, PreviewSchedule.Plan(policy, facts).Outputs, draft[i].Progress, draft.Now).Due is { IsEmpty: false } due)
        {
            Order(draft, i, due.Max(static output => output.Level), by: null);
        }
    }

    /// <summary>Everything that speaks against an order by hand, as sentences; empty: it is taken.</summary>
    /// <param name="state">Of the simulation.</param>
    /// <param name="stage">Which; null: each that runs and makes previews.</param>
    /// <param name="level">1 to 100 percent; 0: by its progress.</param>
    public static ImmutableArray<string> Refusals(SimulationState state, string? stage, int level)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (level is < 0 or > 100)
        {
            problems.Add(FormattableString.Invariant($"level: it is {level}; 1 to 100 (percent) are allowed, or none for the one of its progress."));
        }

        if (stage is not null && state.IndexOf(stage) < 0)
        {
            problems.Add($"stage: there is no stage '{stage}'; {string.Join(", ", state.Stages.Select(static one => one.Name))} are there.");
        }
        else if (stage is not null && OfStage(state, state.IndexOf(stage)) is { } problem)
        {
            problems.Add(problem);
        }
        else if (stage is null && !Enumerable.Range(0, state.Stages.Length).Any(i => OfStage(state, i) is null))
        {
            // The reason of the first one that could make some says more than "none".
            var able = state.Stages.FirstOrDefault(one => PolicyOf(state, state.IndexOf(one.Name)) is not null);
            problems.Add(able is null
                ? "none of its stages has a 'preview' in its definition that is enabled: it makes no previews."
                : $"none of its stages that make previews runs: {OfStage(state, state.IndexOf(able.Name))}");
        }

        return problems.ToImmutable();
    }

    /// <summary>Asked for by hand: one of each stage, or of one, that runs and makes some.</summary>
    public static void OrderByHand(SimulationDraft draft, string? stage, int level, string? user)
    {
        Orders.EachStage(draft, stage, i =>
        {
            if (OfStage(draft.State, i) is null)
            {
                Order(draft, i, level > 0 ? level : PreviewSchedule.LevelAt(draft.DefinitionOf(i).Preview!.Levels, draft[i].Progress), user);
            }
        });
    }

    /// <summary>The program wrote one: it is on record, and what it took is learned.</summary>
    public static void Made(SimulationDraft draft, int i, AttemptReport.Progressed report)
    {
        foreach (var said in PolicyOf(draft.State, i) is null ? [] : report.Previews)
        {
            if (said.Level is < 1 or > 100 || said.Path.Length == 0)
            {
                continue;
            }

            var stage = draft[i];
            var known = stage.Previews.FirstOrDefault(other => other.Path == said.Path);
            var record = said with
            {
                Epoch = report.Attempt.Epoch,
                Quality = double.IsNaN(said.Quality) ? said.Level / 100.0 : Math.Clamp(said.Quality, 0, 1),
                MadeAt = said.MadeAt == default ? draft.Now : said.MadeAt,
                Cost = said.Cost ?? known?.Cost,
            };
            draft.Set(i, stage with
            {
                Previews = PreviewRegistry.Add(stage.Previews, record),

                // A file that is told of again was not made again.
                PreviewCosts = known is null && said.Cost is { } cost && cost >= TimeSpan.Zero ? PreviewCosts.Learn(stage.PreviewCosts, said.Level, cost) : stage.PreviewCosts,
                PreviewsMade = stage.PreviewsMade + (known is null ? 1 : 0),
                Live = stage.Live! with { PreviewAnswered = Math.Max(stage.Live!.PreviewAnswered, Math.Min(said.Order, stage.Live!.PreviewOrder)) },
            });
            if (known is null)
            {
                draft.Emit(i, new()
                {
                    Kind = EventKinds.PreviewMade,
                    Text = FormattableString.Invariant($"{stage.Name} has a preview of {record.Quality:P0} quality: {record.Path}{(record.Cost is { } time ? $", which took {DurationWords.Of(time)}" : "")}"),
                    Node = report.Node,
                    Progress = stage.Progress,
                });
            }
        }
    }

    private static PreviewFacts? FactsOf(StageState stage) =>
        stage is not { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, StartedAt: { } started } live } ? null : new()
        {
            Whole = stage.Estimate,
            Progress = live.PreviewProgress,
            Since = live.PreviewOrderedAt ?? started,
            Made = stage.PreviewsMade,
            Measured = stage.PreviewCosts,
        };

    /// <summary>What speaks against an order to one stage; null: nothing.</summary>
    private static string? OfStage(SimulationState state, int i)
    {
        var stage = state.Stages[i];
        return state.Definition.Stages[i].Preview is not { } policy ? $"{stage.Name} has no 'preview' in its definition: its program is not known to make previews."
            : !policy.Enabled ? $"{stage.Name}: its previews are switched off in its definition."
            : stage.Status != StageStatus.Running ? $"{stage.Name} is {SimulationDraft.Name(stage.Status)}: only a program that runs can make a preview."
            : stage.Live is not { StopBy: null, ClusterStop: StopReason.Absent } ? $"{stage.Name} was asked to leave: it makes no preview any more."
            : null;
    }

    private static void Order(SimulationDraft draft, int i, int level, string? by)
    {
        var live = draft[i].Live!;
        draft.SetLive(i, live with { PreviewOrder = live.PreviewOrder + 1, PreviewLevel = level, PreviewOrderedAt = draft.Now, PreviewProgress = draft[i].Progress });
        draft.Emit(i, new()
        {
            Kind = EventKinds.PreviewOrdered,
            Text = FormattableString.Invariant($"{draft[i].Name} was asked for a preview of {level} %{(by is null ? "" : $" by {by}")}"),
            Node = live.Shares[0].Node,
            Progress = draft[i].Progress,
            By = by,
        });
    }
}
