using Orchestrator.Cli.Reports;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Demo;

/// <summary>Follows the events of the demo: what to tell of each, which node to kill and when, and whether all is over. Pure: time comes with the events.</summary>
internal sealed class DemoStory(Campaign campaign, string killedStage, DateTimeOffset start)
{
    /// <summary>A node is killed only once so much of the campaign is done, so that the loss is in the middle.</summary>
    private const double MiddleFrom = 0.3;

    /// <summary>From here on any node will do, not only the one that was chosen beforehand.</summary>
    private const double AnyNodeFrom = 0.45;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    private readonly Dictionary<SimulationId, string> names = campaign.Simulations.ToDictionary(static simulation => simulation.Id, static simulation => $"{simulation.Variant} member {ReportText.Count(simulation.Member)}");
    private readonly Dictionary<SimulationId, double> progress = [];
    private readonly Dictionary<(SimulationId, string), Running> running = [];
    private readonly Dictionary<SimulationId, string> ended = [];
    private readonly HashSet<string> nodes = [];
    private readonly List<OrchestratorEvent> all = [];
    private DateTimeOffset? lastProgress;
    private (string Node, DateTimeOffset At)? killed;
    private int recovered;

    public IReadOnlyList<OrchestratorEvent> Events => all;

    /// <summary>Nodes that have registered.</summary>
    public int Nodes => nodes.Count;

    public bool AllEnded => ended.Count == names.Count;

    public int Completed => ended.Values.Count(static kind => kind == EventKinds.SimulationCompleted);

    /// <summary>Attempts that were lost and run again elsewhere.</summary>
    public int Recovered => recovered;

    /// <summary>0 to 1, over all simulations.</summary>
    public double Progress => names.Count == 0 ? 0 : progress.Values.Sum() / names.Count;

    /// <summary>Takes in one event and says what to tell of it.</summary>
    public IReadOnlyList<string> Take(OrchestratorEvent happened)
    {
        all.Add(happened);
        var lines = new List<string>();
        if (happened.Simulation is { } id && happened.SimulationProgress is { } share)
        {
            progress[id] = Math.Max(progress.GetValueOrDefault(id), share);
        }

        switch (happened)
        {
            case { Kind: EventKinds.NodeRegistered, Node: { } node }:
                nodes.Add(node.Value);
                break;
            case { Kind: EventKinds.NodeLost, Node: { } node } when killed is { } kill && kill.Node == node.Value:
                lines.Add($"{At(happened.At)}: {ReportText.Node(node.Value)} is noticed to be lost, {DurationWords.Of(happened.At - kill.At)} after the kill");
                break;
            case { Kind: EventKinds.NodeLost, Node: { } node }:
                lines.Add($"{At(happened.At)}: {ReportText.Node(node.Value)} is given up, not heard of for {DurationWords.Of(happened.NoticedAfter ?? default)}");
                break;
            case { Simulation: { } simulation, Stage: { } stage, Epoch: { } epoch }:
                Follow(happened, simulation, stage, epoch, lines);
                break;
            case { Simulation: { } simulation, Kind: EventKinds.SimulationCompleted or EventKinds.SimulationFailed or EventKinds.SimulationCancelled }:
                ended[simulation] = happened.Kind;
                progress[simulation] = 1;
                lines.Add($"{At(happened.At)}: {NameOf(simulation)} {(happened.Kind == EventKinds.SimulationCompleted ? "completed" : $"ended: {happened.Text}")} ({Completed} of {names.Count})");
                break;
        }

        if (happened.At - (lastProgress ?? start) >= ProgressEvery && running.Count > 0 && !AllEnded)
        {
            lastProgress = happened.At;
            lines.Add($"{At(happened.At)}: {ReportText.Of(running.Count, "program")} running, {FormattableString.Invariant($"{Progress * 100:0} %")} done");
        }

        return lines;
    }

    /// <summary>A node on which a run of the stage is well past its newest checkpoint, in the middle of the campaign; null: not now.</summary>
    public NodeId? Choose(NodeId preferred)
    {
        if (killed is not null || Progress < MiddleFrom)
        {
            return null;
        }

        var candidates = running.Where(pair => pair.Key.Item2 == killedStage && pair.Value is { CheckpointStep: > 0 } run && run.Step > run.CheckpointStep)
            .Select(static pair => pair.Value).ToArray();
        return candidates.Any(run => run.Node == preferred.Value) ? preferred
            : Progress >= AnyNodeFrom && candidates.Length > 0 ? new NodeId(candidates[0].Node)
            : null;
    }

    /// <summary>The node was killed with everything on it.</summary>
    public IReadOnlyList<string> Kill(NodeId node, int processes, DateTimeOffset at)
    {
        killed = (node.Value, at);
        var victims = running.Where(pair => pair.Value.Node == node.Value).Select(pair => $"{pair.Key.Item2} of {NameOf(pair.Key.Item1)} at step {ReportText.Count(Math.Max(0, pair.Value.Step))}");
        return [$"{At(at)}: SIGKILL to {ReportText.Node(node.Value)}: its agent and {ReportText.Of(processes - 1, "other process", "other processes")} ({string.Join(", ", victims)})"];
    }

    /// <summary>The whole loss in one line: <c>31 s: node-3 killed, …; 200 steps again</c>.</summary>
    public IEnumerable<string> TellLosses() => Losses.Of(all, NameOf).Select(Tell);

    private string Tell(Loss loss)
    {
        var (at, cause) = killed is { } kill && ReportText.Node(kill.Node) == loss.Node ? (kill.At, "killed") : (loss.At, "lost");
        var step = loss.LastStep is { } last ? $" at step {ReportText.Count(last)}" : "";
        var noticed = cause == "killed" ? $"; noticed after {DurationWords.Of(loss.At - at)}" : "";
        return $"{At(at)}: {loss.Node ?? "a node"} {cause}, {loss.SimulationName}{step}{noticed}; {loss.TellRecovery()}";
    }

    private void Follow(OrchestratorEvent happened, SimulationId simulation, string stage, int epoch, List<string> lines)
    {
        var key = (simulation, stage);
        switch (happened.Kind)
        {
            case EventKinds.StageStarted:
                running[key] = new() { Epoch = epoch, Node = happened.Node?.Value ?? "", Step = -1 };
                if (Losses.Of(all, NameOf).LastOrDefault(loss => loss.Attempt.Simulation == simulation && loss.Attempt.Stage == stage) is { WentOnAt: { } wentOn } loss && wentOn == happened.At)
                {
                    recovered++;
                    lines.Add(Tell(loss));
                }

                break;
            case EventKinds.StageProgressed when running.TryGetValue(key, out var run) && run.Epoch == epoch:
                running[key] = run with { Step = happened.Step ?? run.Step };
                break;
            case EventKinds.CheckpointCommitted when running.TryGetValue(key, out var run) && run.Epoch == epoch:
                running[key] = run with { CheckpointStep = happened.Step ?? run.CheckpointStep };
                break;
            case EventKinds.AttemptEnded or EventKinds.StageCompleted or EventKinds.StageFailed when running.TryGetValue(key, out var run) && run.Epoch == epoch:
                running.Remove(key);
                break;
        }
    }

    private string NameOf(SimulationId id) => names.GetValueOrDefault(id) ?? id.Value;

    private string At(DateTimeOffset at) => FormattableString.Invariant($"{Math.Max(0, (at - start).TotalSeconds),3:0} s");

    private sealed record Running
    {
        public int Epoch { get; init; }

        public string Node { get; init; } = "";

        public long Step { get; init; } = -1;

        public long CheckpointStep { get; init; } = -1;
    }
}
