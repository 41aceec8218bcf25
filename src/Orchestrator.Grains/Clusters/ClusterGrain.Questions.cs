using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Grains.Clusters;

/// <summary>Questions, which change nothing. They are answered on the thread pool, from what is stored, so that the cluster goes on meanwhile.</summary>
internal sealed partial class ClusterGrain
{
    private SchedulerParts Parts => ServiceProvider.GetRequiredService<SchedulerParts>();

    public Task<ImmutableArray<string>> CheckAsync(ImmutableArray<ResourceRequest> requests, Ownership owner, CancellationToken cancellationToken)
    {
        var state = store.State;
        return plans.RunAsync(() => ClusterFitting.Check(state, requests, owner), cancellationToken);
    }

    public Task<AttemptExplanation?> ExplainAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        var (state, settings, parts, now) = (store.State, planner.Settings, Parts, clock.GetUtcNow());
        var context = planner.ContextOf(state);
        return plans.RunAsync(
            () => state.Queue.TryGetValue(attempt.ToString(), out var queued)
                && new Explainer(parts).Explain(new SnapshotView(ClusterPlanning.Problem(state, context), settings), attempt, now) is { } explained
                ? explained with { Duration = ClusterLearning.Expect(state, queued.Request) }
                : null,
            cancellationToken);
    }

    public Task<ImmutableArray<ExpectedDuration>> ExpectAsync(ImmutableArray<DurationQuestion> questions, CancellationToken cancellationToken)
    {
        var work = store.State.Work;
        return plans.RunAsync(() => questions.Select(question => ClusterLearning.Expect(work, question)).ToImmutableArray(), cancellationToken);
    }

    public Task<ImmutableArray<ShareStanding>> GetStandingsAsync(CancellationToken cancellationToken)
    {
        var (state, settings) = (store.State, planner.Settings);
        var context = planner.ContextOf(state);
        return plans.RunAsync(() => ShareStandings.Of(new SnapshotView(ClusterPlanning.Problem(state, context), settings)), cancellationToken);
    }

    public Task<string> GetPolicyAsync(CancellationToken cancellationToken) => Task.FromResult(PolicyText.Write(PolicyText.Read(store.State.Policy) ?? policy.Scheduling));

    public Task<EnergyReport> GetEnergyAsync(CancellationToken cancellationToken)
    {
        var (state, settings, now) = (store.State, planner.Settings, clock.GetUtcNow());
        var context = planner.ContextOf(state);
        return plans.RunAsync(() => EnergyReport.Of(new SnapshotView(ClusterPlanning.Problem(state, context), settings), now), cancellationToken);
    }

    public async Task<QueueForecast> PlanAsync(WhatIf what, CancellationToken cancellationToken)
    {
        var (state, settings, parts, now) = (store.State, planner.Settings, Parts, clock.GetUtcNow());

        // Real time: whoever asks waits for the answer with a time-out, and what is known by then is worth more than none.
        using var time = new CancellationTokenSource(options.Value.LookAheadTime, realClock);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        return await plans.RunAsync(() => new ClusterForecast(settings, parts).Ask(state, what, now, enough.Token), cancellationToken);
    }
}
