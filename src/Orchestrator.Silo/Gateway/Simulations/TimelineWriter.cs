using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Puts together when the stages of a simulation start and end: from its view, from what its cluster learned of such work, and from the plan of the queue.</summary>
internal sealed class TimelineWriter(IGrainFactory grains, TimeProvider clock)
{
    /// <summary>How sure an extrapolation is at the beginning of a stage: off by so large a part of what is left. At its end it is exact.</summary>
    private const double Doubt = 0.5;

    /// <param name="view">Of the simulation.</param>
    /// <param name="withQueue">Where stages wait for nodes, the queue is played forward.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SimulationTimeline> WriteAsync(SimulationView view, bool withQueue, CancellationToken cancellationToken)
    {
        var starts = withQueue && view.Stages.Any(static stage => stage.Status == StageStatus.Queued) ? await PlanAsync(view.Cluster, cancellationToken) : null;
        return await WriteAsync(view, starts, CompletionForecast.RunsUsual, cancellationToken);
    }

    /// <summary>When each attempt that waits in a cluster starts, by its plan.</summary>
    public async Task<IReadOnlyDictionary<AttemptId, DateTimeOffset>> PlanAsync(ClusterId cluster, CancellationToken cancellationToken)
    {
        var forecast = await grains.GetGrain<IClusterGrain>(cluster.Value).PlanAsync(new WhatIf(), cancellationToken);
        return forecast.AsItIs.Where(static run => run is { Runs: false, Start: not null }).ToDictionary(static run => run.Attempt, static run => run.Start!.Value);
    }

    /// <param name="view">Of the simulation.</param>
    /// <param name="starts">Of those that wait for nodes; null: not known.</param>
    /// <param name="runs">How often its graph is played; 0: no intervals.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SimulationTimeline> WriteAsync(SimulationView view, IReadOnlyDictionary<AttemptId, DateTimeOffset>? starts, int runs, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var open = view.EndedAt is null ? view.Stages.Where(static stage => stage.Status < StageStatus.Completed).ToArray() : [];
        ImmutableArray<DurationQuestion> questions = [.. open.Select(stage => new DurationQuestion { User = view.Owner.User, JobType = stage.JobType, Estimate = Planned(stage), Resources = stage.Resources })];
        var answers = questions.IsEmpty ? [] : await grains.GetGrain<IClusterGrain>(view.Cluster.Value).ExpectAsync(questions, cancellationToken);
        var learned = open.Zip(answers).ToDictionary(static pair => pair.First.Name, static pair => pair.Second, StringComparer.Ordinal);
        return CompletionForecast.Of(
            new()
            {
                Simulation = view.Id.Value,
                Campaign = view.Campaign,
                SubmittedAt = view.SubmittedAt,
                EndedAt = view.EndedAt,
                Stages = [.. view.Stages.Select(stage => Outlook(view.Id, stage, learned.GetValueOrDefault(stage.Name), starts, now))],
                UsualWait = UsualWait(view),
                Notes = view.Status is SimulationStatus.Paused or SimulationStatus.Pausing ? ["it is paused: the times are those if it went on now"] : [],
            },
            now, runs);
    }

    private static StageOutlook Outlook(SimulationId simulation, StageView stage, ExpectedDuration? learned, IReadOnlyDictionary<AttemptId, DateTimeOffset>? starts, DateTimeOffset now)
    {
        var (whole, done) = learned is null ? (new ExpectedDuration(), TimeSpan.Zero) : Expect(stage, learned, now);
        return new()
        {
            Name = stage.Name,
            Status = stage.Status,
            After = [.. stage.After.Select((dependency, at) => StageEdge.Of(dependency, at < stage.Edges.Length && stage.Edges[at].State is EdgeState.Satisfied or EdgeState.Bypassed))],
            Planned = Planned(stage),
            Whole = whole,
            Done = done,
            StartedAt = stage.StartedAt,
            EndedAt = stage.EndedAt,
            QueuedUntil = stage.Status == StageStatus.Queued && starts is not null && starts.TryGetValue(new(simulation, stage.Name, stage.Epoch), out var start) ? start : null,
        };
    }

    /// <summary>What the stage itself has shown goes before what earlier runs did, and that before what was estimated.</summary>
    private static (ExpectedDuration Whole, TimeSpan Done) Expect(StageView stage, ExpectedDuration learned, DateTimeOffset now)
    {
        if (stage.Kind == StageKind.Barrier)
        {
            return (new() { Expected = TimeSpan.Zero }, TimeSpan.Zero);
        }

        if (stage.EstimatedDuration == stage.BaselineDuration || stage.Progress <= 0)
        {
            return (learned, Done(stage, now));
        }

        var done = stage.EstimatedDuration * stage.Progress;
        var left = stage.EstimatedDuration - done;
        var doubt = 1 + (Doubt * (1 - Math.Min(stage.Progress, 1)));
        return (new() { Expected = stage.EstimatedDuration, Lower = done + (left / doubt), Upper = done + (left * doubt), Source = DurationSource.Progress, Estimate = stage.BaselineDuration }, done);
    }

    /// <summary>How long it ran of what counts: since it last began from its beginning.</summary>
    private static TimeSpan Done(StageView stage, DateTimeOffset now)
    {
        var sum = TimeSpan.Zero;
        foreach (var attempt in stage.RecentAttempts.IsDefault ? [] : stage.RecentAttempts)
        {
            sum = attempt.Restored is null ? TimeSpan.Zero : sum;
            sum += attempt.StartedAt is { } started ? (attempt.EndedAt ?? now) - started : TimeSpan.Zero;
        }

        // What waits goes on from a checkpoint, or from its beginning where there is none.
        return stage.Status is StageStatus.Starting or StageStatus.Running or StageStatus.Publishing || !stage.Checkpoints.IsDefaultOrEmpty ? sum : TimeSpan.Zero;
    }

    private static TimeSpan Planned(StageView stage) => stage.Kind == StageKind.Barrier ? TimeSpan.Zero : stage.BaselineDuration;

    /// <summary>The median of how long its attempts waited so far.</summary>
    private static TimeSpan UsualWait(SimulationView view)
    {
        var waits = view.Stages.SelectMany(static stage => stage.RecentAttempts.IsDefault ? [] : stage.RecentAttempts)
            .Where(static attempt => attempt is { QueuedAt: not null, GrantedAt: not null } && attempt.GrantedAt >= attempt.QueuedAt)
            .Select(static attempt => attempt.GrantedAt!.Value - attempt.QueuedAt!.Value).Order().ToArray();
        return waits.Length == 0 ? TimeSpan.Zero : waits[waits.Length / 2];
    }
}
