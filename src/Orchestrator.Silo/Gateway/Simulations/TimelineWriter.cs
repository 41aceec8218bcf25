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
    /// <param name="withQueue">Where stages wait for nodes, the queue is played forward, for some seconds at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SimulationTimeline> WriteAsync(SimulationView view, bool withQueue, CancellationToken cancellationToken)
    {
        var queue = withQueue && Queued(view).Any() ? await LookAheadAsync(view.Cluster, cancellationToken) : QueueOutlook.None;
        return Write(view, await ExpectAsync([view], cancellationToken), queue, CompletionForecast.RunsUsual);
    }

    /// <summary>When each attempt that waits in a cluster starts, by its plan. A cluster that does not answer in time is no failure: then no starts are known.</summary>
    public async Task<QueueOutlook> LookAheadAsync(ClusterId cluster, CancellationToken cancellationToken)
    {
        try
        {
            return QueueOutlook.Of(await grains.GetGrain<IClusterGrain>(cluster.Value).PlanAsync(new WhatIf(), cancellationToken));
        }
        catch (TimeoutException)
        {
            return QueueOutlook.Of(null);
        }
    }

    /// <summary>The attempts of a simulation that wait for nodes.</summary>
    public static IEnumerable<AttemptId> Queued(SimulationView view) =>
        view.Stages.Where(static stage => stage.Status == StageStatus.Queued).Select(stage => new AttemptId(view.Id, stage.Name, stage.Epoch));

    /// <summary>How long each stage that is not over is likely to run, by what was learned: asked for once for all of a cluster.</summary>
    public async Task<IReadOnlyDictionary<(SimulationId Simulation, string Stage), ExpectedDuration>> ExpectAsync(IReadOnlyCollection<SimulationView> views, CancellationToken cancellationToken)
    {
        var learned = new Dictionary<(SimulationId, string), ExpectedDuration>();
        foreach (var cluster in views.Where(static view => view.EndedAt is null).GroupBy(static view => view.Cluster))
        {
            var open = cluster.SelectMany(static view => view.Stages.Where(static stage => stage.Status < StageStatus.Completed).Select(stage => (View: view, Stage: stage))).ToArray();
            ImmutableArray<DurationQuestion> questions =
                [.. open.Select(static each => new DurationQuestion { User = each.View.Owner.User, JobType = each.Stage.JobType, Estimate = Planned(each.Stage), Resources = each.Stage.Resources })];
            var answers = questions.IsEmpty ? [] : await grains.GetGrain<IClusterGrain>(cluster.Key.Value).ExpectAsync(questions, cancellationToken);
            foreach (var (each, answer) in open.Zip(answers))
            {
                learned[(each.View.Id, each.Stage.Name)] = answer;
            }
        }

        return learned;
    }

    /// <param name="view">Of the simulation.</param>
    /// <param name="learned">How long its stages are likely to run.</param>
    /// <param name="queue">When those that wait for nodes get them.</param>
    /// <param name="runs">How often its graph is played; 0: no intervals.</param>
    public SimulationTimeline Write(SimulationView view, IReadOnlyDictionary<(SimulationId Simulation, string Stage), ExpectedDuration> learned, QueueOutlook queue, int runs)
    {
        string[] pause = view.Status is SimulationStatus.Paused or SimulationStatus.Pausing ? ["it is paused: the times are those if it went on now"] : [];
        return CompletionForecast.Of(
            new()
            {
                Simulation = view.Id.Value,
                Campaign = view.Campaign,
                SubmittedAt = view.SubmittedAt,
                EndedAt = view.EndedAt,
                Stages = [.. view.Stages.Select(stage => Outlook(view.Id, stage, learned.GetValueOrDefault((view.Id, stage.Name)), queue))],
                UsualWait = UsualWait(view),
                Notes = [.. pause, .. Queued(view).Select(queue.NoteOn).OfType<string>().Distinct()],
            },
            clock.GetUtcNow(), runs);
    }

    private static StageOutlook Outlook(SimulationId simulation, StageView stage, ExpectedDuration? learned, QueueOutlook queue)
    {
        var (whole, done) = learned is null ? (new ExpectedDuration(), TimeSpan.Zero) : Expect(stage, learned);
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
            QueuedUntil = stage.Status == StageStatus.Queued ? queue.StartOf(new(simulation, stage.Name, stage.Epoch)) : null,
        };
    }

    /// <summary>What the stage itself has shown goes before what earlier runs did, and that before what was estimated.</summary>
    private static (ExpectedDuration Whole, TimeSpan Done) Expect(StageView stage, ExpectedDuration learned)
    {
        if (stage.Kind == StageKind.Barrier)
        {
            return (new() { Expected = TimeSpan.Zero }, TimeSpan.Zero);
        }

        if (stage.EstimatedDuration == stage.BaselineDuration || stage.Progress <= 0)
        {
            return (learned, stage.WorkDone);
        }

        var done = stage.EstimatedDuration * stage.Progress;
        var left = stage.EstimatedDuration - done;
        var doubt = 1 + (Doubt * (1 - Math.Min(stage.Progress, 1)));
        return (new() { Expected = stage.EstimatedDuration, Lower = done + (left / doubt), Upper = done + (left * doubt), Source = DurationSource.Progress, Estimate = stage.BaselineDuration }, done);
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
