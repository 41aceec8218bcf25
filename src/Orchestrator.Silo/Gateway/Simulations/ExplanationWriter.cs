using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Silo.Gateway.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Says why a simulation is where it is, from its view, what its cluster holds of it, and its newest events (invariant 10).</summary>
internal sealed class ExplanationWriter(IGrainFactory grains, IEventLog events, TimelineWriter timelines, TimeProvider clock)
{
    private const int RecentMax = 20;

    public async Task<Explanation> WriteAsync(SimulationView view, Caller caller, CancellationToken cancellationToken)
    {
        var recent = await events.NewestAsync(view.Id.Value, RecentMax, cancellationToken);
        var isFinal = view.Status.IsFinal();
        var grain = grains.GetGrain<IClusterGrain>(view.Cluster.Value);
        var cluster = isFinal ? null : await grain.GetAsync(cancellationToken);
        var seen = cluster is null ? null : ClusterScope.SeenBy(caller, cluster);
        cluster = cluster is null ? null : ClusterScope.Shown(cluster, seen);
        var arranged = isFinal ? null : await grain.GetArrangementsAsync(cancellationToken);
        var queued = new Dictionary<string, AttemptExplanation>(StringComparer.Ordinal);
        foreach (var stage in isFinal ? [] : view.Stages.Where(static stage => stage.Status == StageStatus.Queued))
        {
            if (await grain.ExplainAsync(new(view.Id, stage.Name, stage.Epoch), cancellationToken) is { } explained)
            {
                queued[stage.Name] = ClusterScope.Shown(explained, seen);
            }
        }

        var standings = queued.Values.Any(static one => one.Reason.Constraint == PlacementConstraint.Share) ? await grain.GetStandingsAsync(cancellationToken) : [];
        var now = clock.GetUtcNow();
        var timeline = isFinal || !view.Stages.Any(static stage => stage.Status == StageStatus.Running) ? null : await timelines.WriteAsync(view, withQueue: false, cancellationToken);
        return new()
        {
            Summary = Summarize(view),
            Stages =
            [
                .. from stage in view.Stages
                   where stage.Status != StageStatus.Completed
                   let explained = queued.GetValueOrDefault(stage.Name)
                   select new StageExplanation
                   {
                       Stage = stage.Name,
                       Status = Names.Camel(stage.Status.ToString()),
                       Because =
                       [
                           .. Reasons(view, stage, cluster, explained, now),
                           .. explained is null ? [] : QueueSentences.Of(explained),
                           .. explained is null ? [] : QueueSentences.OfShare(explained.Reason, standings),
                           .. stage.Status == StageStatus.Running && timeline?.Stages.FirstOrDefault(one => one.Stage == stage.Name) is { } expected ? ExpectedEnd(expected) : [],
                           .. arranged is null ? [] : Arranged(view, stage, arranged),
                       ],
                       Queue = explained,
                   },
            ],
            Recent = [.. recent.Select(Sentence)],
        };
    }

    private static string Summarize(SimulationView view)
    {
        var name = view.Id.Value;
        var reason = view.Reason is { Length: > 0 } given ? $": {given.TrimEnd('.')}" : "";
        var busy = view.Stages.Where(static stage => stage.Status is StageStatus.Running or StageStatus.Starting or StageStatus.Publishing).Select(static stage => stage.Name).ToArray();
        var queued = view.Stages.Where(static stage => stage.Status is StageStatus.Queued or StageStatus.Backoff).Select(static stage => stage.Name).ToArray();
        return view.Status switch
        {
            SimulationStatus.Completed => $"{name} completed{reason}.",
            SimulationStatus.Failed => $"{name} failed{reason}.",
            SimulationStatus.Cancelled => $"{name} was cancelled{reason}.",
            SimulationStatus.Pausing => $"{name} was asked to pause; what runs is leaving with a checkpoint{reason}.",
            SimulationStatus.Paused => $"{name} is paused{reason}; resume it to go on.",
            SimulationStatus.Cancelling => $"{name} was asked to cancel; what runs is leaving{reason}.",
            _ when busy.Length > 0 => $"{name} runs {string.Join(", ", busy)}; {Percent(view.Progress)} of it is done.",
            _ when queued.Length > 0 => $"{name} waits for nodes for {string.Join(", ", queued)}.",
            _ => $"{name} is {view.Status.ToString().ToLowerInvariant()}{reason}.",
        };
    }

    private static IEnumerable<string> ExpectedEnd(StageTimeline stage)
    {
        var end = stage.End;
        if (stage.Duration is { Expected: not null } duration)
        {
            yield return $"It is expected to end at {Time(end.Expected)}{(end.Latest > end.Earliest ? $", between {Time(end.Earliest)} and {Time(end.Latest)}" : "")}; how long it runs, {duration.Tell()}.";
        }
    }

    /// <summary>What people arranged that concerns it.</summary>
    private static IEnumerable<string> Arranged(SimulationView view, StageView stage, ArrangementsView arranged)
    {
        var attempt = new AttemptId(view.Id, stage.Name, stage.Epoch);
        foreach (var window in arranged.Windows.Where(one => !one.Window.IsOver && stage.Nodes.Any(one.Window.Covers)))
        {
            var blocker = window.Blockers.FirstOrDefault(blocker => blocker.Attempt == attempt);
            var words = blocker is null ? "" : $"; it may stay {(blocker.Until is { } until ? $"until {Time(until)}" : "without a known end")}: {blocker.Reason}";
            yield return $"The maintenance window {window.Window.Id} ({Names.Camel(window.Window.Severity.ToString())}) is to have {Nodes(stage)} from {Time(window.Window.Start)} to {Time(window.Window.End)}{words}.";
        }

        if (stage.Status is StageStatus.Waiting or StageStatus.Queued or StageStatus.Backoff && ReservationEntry.Tell(view.Reservation, view.Owner, arranged.Reservations) is { } told)
        {
            yield return told;
        }

        var simulation = attempt.Simulation.Value;
        foreach (var setting in arranged.Priorities.Where(setting => setting.Target == simulation || setting.Target == $"{simulation}/{stage.Name}" || (view.Campaign.Length > 0 && setting.Target == view.Campaign && setting.IsFor(view.Owner))))
        {
            if (setting.Share is { } share && stage.Status is StageStatus.Queued or StageStatus.Starting or StageStatus.Running)
            {
                var got = arranged.Scenarios.FirstOrDefault(one => one.Set == share.Set && one.Scenario == share.Scenario);
                yield return $"Its scenario {share.Scenario} is to have {Percent(got?.Asked ?? share.Share)} of what {share.Set} gets{(got is { CoreHours: > 0 } ? string.Create(CultureInfo.InvariantCulture, $", and has {Percent(got.Received)} since {Time(got.From)} ({got.CoreHours:0.##} core-hours; {got.Cores} cores now)") : "")}.";
            }

            if (!setting.IsOfPriority)
            {
                continue;
            }

            yield return string.Create(CultureInfo.InvariantCulture, $"{setting.By} set {(setting.Target == view.Campaign ? $"the priority of its campaign {view.Campaign}" : "its priority")} {(setting.Value is { } value ? $"to {value:0.###}" : "")}{(setting.Class == PriorityClass.Absent ? "" : $" class {Names.Camel(setting.Class.ToString())}")} at {Time(setting.At)}.");
        }

        foreach (var setting in arranged.Deadlines.Where(setting => setting.Simulation.Value == simulation))
        {
            yield return $"{setting.By} set its deadline to {(setting.Deadline is { } deadline ? Time(deadline) : "none")} at {Time(setting.At)}.";
        }
    }

    private static IEnumerable<string> Reasons(SimulationView view, StageView stage, ClusterView? cluster, AttemptExplanation? explained, DateTimeOffset now)
    {
        switch (stage.Status)
        {
            case StageStatus.Waiting:
                if (stage.Hold is { } hold)
                {
                    yield return $"It is held by {hold.By} since {Time(hold.At)}{(string.IsNullOrWhiteSpace(hold.Why) ? "" : $": {hold.Why}")}.";
                }

                foreach (var (dependency, edge) in stage.After.Zip(stage.Edges))
                {
                    if (edge.State == EdgeState.Pending && view.Stages.FirstOrDefault(other => other.Name == dependency.Stage) is { } other)
                    {
                        yield return IsMore(dependency) ? $"It {edge.Why}; {dependency.Stage} is {Names.Camel(other.Status.ToString())} at {Percent(other.Progress)}." : $"It waits for {dependency.Stage} {Wish(dependency)}; {dependency.Stage} is {Names.Camel(other.Status.ToString())} at {Percent(other.Progress)}.";
                    }
                }

                if (stage is { Trigger: not null, Hold: null, Reason: { } trigger } && stage.Edges.All(static edge => edge.State != EdgeState.Pending))
                {
                    yield return $"It {trigger}.";
                }

                break;
            case StageStatus.Queued:
                foreach (var reason in QueueReasons(view, stage, cluster, explained, now))
                {
                    yield return reason;
                }

                break;
            case StageStatus.Starting:
                yield return $"Epoch {stage.Epoch} holds {Nodes(stage)}; the agent has not reported the program as started.";
                break;
            case StageStatus.Running:
                yield return $"Epoch {stage.Epoch} runs on {Nodes(stage)}, at {Percent(stage.Progress)}{(stage.Step >= 0 ? string.Create(CultureInfo.InvariantCulture, $", step {stage.Step}") : "")}.";
                if (cluster?.Leases.FirstOrDefault(lease => lease.Attempt == new AttemptId(view.Id, stage.Name, stage.Epoch)) is { Stop: not StopReason.Absent } leaving)
                {
                    yield return leaving.Stop switch
                    {
                        StopReason.Maintenance => $"It was asked to leave with a checkpoint, since its nodes are needed for {(leaving.StopFor.Length > 0 ? leaving.StopFor : "maintenance")}.",
                        StopReason.Preemption => $"It was asked to leave with a checkpoint, to make way for {(leaving.StopFor.Length > 0 ? leaving.StopFor : "other work")}.",
                        var stop => $"It was asked to leave ({Names.Camel(stop.ToString())}).",
                    };
                }

                if (stage.NextCheckpointAt is { } next)
                {
                    yield return $"Its next checkpoint is ordered at {Time(next)}: {stage.CheckpointPlan}.";
                }

                if (stage.CheckpointConflict is { } conflict)
                {
                    yield return $"Its checkpoints: {conflict}.";
                }

                break;
            case StageStatus.Publishing:
                yield return $"Its program completed; {Nodes(stage)} publishes the outputs.";
                break;
            case StageStatus.Paused:
                yield return "The simulation is paused.";
                break;
            default:
                break;
        }

        if (explained is null && stage.Reason is { Length: > 0 } given)
        {
            yield return given;
        }

        foreach (var node in cluster is null ? [] : stage.Nodes.Select(id => cluster.Nodes.FirstOrDefault(node => node.Id == id)).OfType<ClusterNodeView>().Where(static node => node.Status != NodeStatus.Alive))
        {
            yield return $"Its node {node.Id} is not heard of ({Names.Camel(node.Status.ToString())}).";
        }

        if (stage.RecentAttempts is [.., { End: not (AttemptEnd.Absent or AttemptEnd.Completed) } last])
        {
            yield return $"Attempt {last.Attempt.Epoch} ended {Names.Camel(last.End.ToString())}{(last.Reason is { Length: > 0 } why ? $": {why.TrimEnd('.')}" : "")}.";
        }

        if (stage.RetriesUsed > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{stage.RetriesUsed} retries are used.");
        }
    }

    private static IEnumerable<string> QueueReasons(SimulationView view, StageView stage, ClusterView? cluster, AttemptExplanation? explained, DateTimeOffset now)
    {
        var attempt = new AttemptId(view.Id, stage.Name, stage.Epoch);
        var place = cluster?.Queue.Select(static (request, at) => (request, at)).FirstOrDefault(pair => pair.request.Attempt == attempt);
        var lease = place?.request ?? cluster?.Leases.FirstOrDefault(lease => lease.Attempt == attempt) ?? stage.Queue;
        switch (lease)
        {
            case null:
                yield return "It is ready; its request is on the way to the cluster.";
                break;
            case { State: LeaseState.Granted }:
                yield return $"It was granted {string.Join(", ", lease.Shares.Select(static share => share.Node))} and starts there.";
                break;
            case { Reason: { } reason }:
                yield return $"It waits for nodes: {reason}{(reason.For is { } whom ? $" ({whom})" : "")}{(reason.NeverFits ? "" : string.Create(CultureInfo.InvariantCulture, $"; {explained?.Reason.Ahead ?? place?.at ?? lease.Ahead} before it"))}.";
                yield return $"It is in the queue since {Time(lease.Since)} ({(now - lease.Since).ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)}).";
                break;
            default:
                yield return "It is in the queue; the scheduler has not looked at it yet.";
                break;
        }

        if (cluster is { Nodes.IsEmpty: true })
        {
            yield return "The cluster has no nodes; start an agent with \"orchestrator agent\".";
        }
        else if (cluster is not null && !cluster.Nodes.Any(static node => node.Status == NodeStatus.Alive && !node.Draining))
        {
            yield return "No node of the cluster is alive and takes work.";
        }
    }

    /// <summary>It asks for more than how far the other stage is.</summary>
    private static bool IsMore(Dependency dependency) =>
        dependency is { Kind: DependencyKind.Resource } or { Condition: DependencyCondition.Artifact } or { When: not null } or { Approval: not null } or { Delay.Ticks: > 0 };

    private static string Wish(Dependency dependency) => dependency.Condition switch
    {
        DependencyCondition.Failure => "to fail",
        DependencyCondition.End => "to end",
        DependencyCondition.Progress => $"to reach {Percent(dependency.Progress)}",
        _ => "to complete",
    };

    private static string Nodes(StageView stage) => stage.Nodes.IsDefaultOrEmpty ? "its nodes" : string.Join(", ", stage.Nodes);

    internal static string Percent(double part) => string.Create(CultureInfo.InvariantCulture, $"{part * 100:0.#} %");

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Sentence(EventRecord record)
    {
        var happened = JsonSerializer.Deserialize<OrchestratorEvent>(record.Payload.Span, WireJson.Options);
        return $"{Time(record.At)} {(happened is { Text.Length: > 0 } ? happened.Text : record.Kind)}";
    }
}
