using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Nodes;

namespace Orchestrator.Simulation.Tests.Checks;

/// <summary>
/// Sees everything, and compares it with the invariants of docs/ARCHITECTURE.md: of what is stored, whenever something is stored; of processes and files, whenever one starts or goes.
/// It takes no part.
/// </summary>
internal sealed class Oracle
{
    private readonly Lab lab;
    private readonly Dictionary<string, (ulong Step, ulong Value)> sealedBytes = new(StringComparer.Ordinal);
    private readonly Dictionary<(Machine, string), int> taken = [];
    private readonly Dictionary<string, ClusterState> clusters = new(StringComparer.Ordinal);
    private readonly HashSet<(NodeId, AttemptId)> granted = [];
    private readonly Dictionary<AttemptId, long> said = [];

    public Oracle(Lab lab)
    {
        this.lab = lab;
        lab.Service.Storage.RowStored += RowStored;
        lab.Service.Storage.FactsStored += FactsStored;
        lab.Service.Log.Violated += what => Violated(what);
        lab.Files.Deleting += Deleting;
    }

    public int Completions { get; private set; }

    public int Restores { get; private set; }

    public int Fallbacks { get; private set; }

    public int Losses { get; private set; }

    public ClusterState? Cluster => clusters.GetValueOrDefault(lab.Parts.ClusterPolicy.Cluster.Value);

    public SimulationState? Of(SimulationId simulation) => lab.Service.Storage.Peek(simulation.Value) as SimulationState;

    /// <summary>An agent takes an attempt that it is to hold (invariant 2: agents refuse an older epoch, and one that they gave up).</summary>
    public void Taken(Machine machine, AttemptId attempt)
    {
        if (!granted.Contains((machine.Id, attempt)))
        {
            Violated($"the agent of {machine.Name} takes {attempt}, which the ledger does not give to it (invariant 3)");
        }

        var stage = (machine, $"{attempt.Simulation}/{attempt.Stage}");
        if (attempt.Epoch <= taken.GetValueOrDefault(stage))
        {
            Violated($"the agent of {machine.Name} takes {attempt} after epoch {taken[stage]} (invariant 2)");
        }

        taken[stage] = attempt.Epoch;
    }

    /// <summary>The lead of an attempt put a report into its spool.</summary>
    public void Said(AttemptReport report) => said[report.Attempt] = Math.Max(said.GetValueOrDefault(report.Attempt), report.Sequence);

    /// <summary>An agent tells that it ends on purpose: then nothing runs of what it holds (invariant 3).</summary>
    public void Leaving(Machine machine, IEnumerable<AttemptId> held)
    {
        foreach (var attempt in held.Where(machine.Has))
        {
            Violated($"the agent of {machine.Name} says goodbye while {attempt} still runs there (invariant 3)");
        }
    }

    /// <summary>A process of an attempt was started on a machine (invariants 2 and 3).</summary>
    public void Started(Machine machine, AttemptId attempt, NodeShare share)
    {
        foreach (var (other, held, process, leader) in machine.Processes)
        {
            if (other == attempt)
            {
                if (machine.Processes.Count(one => one.Attempt == attempt) > 1)
                {
                    Violated($"{attempt} runs twice on {machine.Name} (invariant 2)");
                }
            }
            else if (held.Cores.Intersect(share.Cores).Any())
            {
                Violated($"{attempt} starts on cores of {machine.Name} on which {other} still runs (invariant 3)");
            }
        }

        foreach (var core in share.Cores)
        {
            if (core >= machine.Cores)
            {
                Violated($"{attempt} has core {core} of {machine.Name}, which has {machine.Cores} (invariant 3)");
            }
        }
    }

    /// <summary>An agent decided what it starts (invariants 2, 4 and 5).</summary>
    public void Launching(Machine machine, LaunchSpecification launch, CheckpointRecord? restored, IReadOnlyList<string> damaged)
    {
        var attempt = launch.Attempt;
        machine.Ground.Say($"launches {attempt} from {restored?.Name ?? "the beginning"}{(damaged.Count == 0 ? "" : $", {string.Join(", ", damaged)} being damaged")}");
        Restores += restored is null ? 0 : 1;
        Fallbacks += damaged.Count;
        if (Of(attempt.Simulation) is not { } state)
        {
            Violated($"{attempt} is launched, and its simulation is not stored (invariant 1)");
            return;
        }

        var i = state.IndexOf(attempt.Stage);
        var stage = state.Stages[i];
        var definition = state.Definition.Stages[i];
        if (attempt.Epoch > stage.Epoch)
        {
            Violated($"{attempt} is launched before epoch {attempt.Epoch} is stored (invariant 2)");
        }

        foreach (var edge in definition.After)
        {
            if (edge.Condition == DependencyCondition.Success && !lab.Files.Exists($"results/{attempt.Simulation}/{edge.Stage}/out"))
            {
                Violated($"{attempt} is launched before {edge.Stage} has published its results (invariant 4)");
            }
        }

        if (definition.WritesSharedPaths)
        {
            foreach (var other in lab.Machines)
            {
                foreach (var process in other.Processes.Where(process => process.Attempt.Simulation == attempt.Simulation && process.Attempt.Stage == attempt.Stage && process.Attempt.Epoch != attempt.Epoch))
                {
                    Violated($"{attempt} writes shared paths and is launched while {process.Attempt} still runs on {other.Name} (invariant 2)");
                }
            }
        }

        if (restored is not null && sealedBytes.TryGetValue(restored.Path, out var bytes)
            && (lab.Files.Read(SharedFiles.FolderOf(restored) + "/part-0") is not { } read || read != bytes))
        {
            Violated($"{attempt} restores {restored.Name}, whose bytes are not those that were sealed (invariant 5)");
        }

        // Of what it was told to try, in that order, the first whose bytes match.
        foreach (var candidate in launch.Restore)
        {
            if (candidate.Name == restored?.Name)
            {
                break;
            }

            if (lab.Files.IsIntact(candidate))
            {
                Violated($"{attempt} passes over {candidate.Name}, which is intact (invariant 5)");
            }
        }
    }

    public void Sealed(CheckpointRecord record, ulong step, ulong value) => sealedBytes[record.Path] = (step, value);

    /// <summary>What must hold once everything has ended.</summary>
    public void CheckTheEnd()
    {
        foreach (var (definition, behaviours) in lab.Submitted)
        {
            var state = Of(definition.Id)!;
            if (string.IsNullOrEmpty(state.Reason))
            {
                Violated($"{definition.Id} ended {state.Status} without a reason (invariant 1)");
            }

            var log = lab.Service.Log.Of(definition.Id.Value);
            if (log.Count != state.EventSequence)
            {
                Violated($"{definition.Id} had {state.EventSequence} events, and {log.Count} are in the log (invariant 9)");
            }

            foreach (var stage in state.Stages)
            {
                var completed = log.Count(occurrence => occurrence.Kind == EventKinds.StageCompleted && occurrence.Stage == stage.Name);
                if (completed != (stage.Status == StageStatus.Completed ? 1 : 0))
                {
                    Violated($"{definition.Id}/{stage.Name} is {stage.Status} and completed {completed} times (invariant 9)");
                }
            }
        }

        foreach (var machine in lab.Machines)
        {
            foreach (var process in machine.Processes)
            {
                Violated($"{process.Attempt} still runs on {machine.Name}");
            }
        }
    }

    public void Violated(string what)
    {
        lab.World.Say("ORACLE", what);
        lab.World.Fail(new InvariantViolatedException(what));
    }

    private static bool IsRestorable(CheckpointRecord record) => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven;

    private void RowStored(string key, object? before, object after)
    {
        switch (after)
        {
            case SimulationState state:
                SimulationStored(key, before as SimulationState ?? new(), state);
                break;
            case NodeState node:
                foreach (var wrong in NodeMachine.SanityCheck(node))
                {
                    Violated($"{key}: {wrong}");
                }

                break;
        }
    }

    private void SimulationStored(string key, SimulationState before, SimulationState after)
    {
        foreach (var wrong in SimulationMachine.SanityCheck(after))
        {
            Violated($"{key}: {wrong}");
        }

        if (before.Status != after.Status)
        {
            lab.World.Say(key, $"is {after.Status}, {after.Reason}");
        }

        if (before.IsFinal && (after.Status != before.Status || after.Reason != before.Reason))
        {
            Violated($"{key} was {before.Status} and is {after.Status} (invariant 1)");
        }

        for (var i = 0; i < before.Stages.Length; i++)
        {
            StageStored(key, after, before.Stages[i], after.Stages[i], i);
        }
    }

    private void StageStored(string key, SimulationState state, StageState before, StageState after, int i)
    {
        var name = $"{key}/{after.Name}";
        if (before.Status != after.Status || before.Epoch != after.Epoch)
        {
            lab.World.Say(name, $"is {after.Status}@{after.Epoch} {after.Reason}");
        }

        if (after.Epoch < before.Epoch || (before.IsFinal && (after.Status != before.Status || after.Epoch != before.Epoch)))
        {
            Violated($"{name} went from {before.Status}@{before.Epoch} to {after.Status}@{after.Epoch} (invariant 2)");
        }

        if (before.Checkpoints.LastOrDefault(static record => record.Status == CheckpointStatus.Proven) is { } proven
            && !after.Checkpoints.Any(record => record.Status == CheckpointStatus.Proven)
            && !after.Checkpoints.Any(record => record.Name == proven.Name && record.Status == CheckpointStatus.Damaged))
        {
            Violated($"{name}: {proven.Name} was the newest proven checkpoint, and is not kept (invariant 6)");
        }

        if (after.Live is { } counted && new AttemptId(state.Definition.Id, after.Name, counted.Epoch) is var present && counted.LastReport > said.GetValueOrDefault(present))
        {
            Violated($"{present} counts {counted.LastReport} reports, and its agent said {said.GetValueOrDefault(present)}: another's were taken for its own (invariant 2)");
        }

        if (before.Status != after.Status && after is { Status: StageStatus.Publishing, Live: { PublishOnlyEpoch: 0, Epoch: var ended } }
            && !lab.Files.IsDurable(SharedFiles.RunOf(new(state.Definition.Id, after.Name, ended)) + "/final/out"))
        {
            Violated($"{name}: the end of epoch {ended} counts, and its result is not on the disk yet: a power cut would take it (invariant 1)");
        }

        if (after.Live is { } live && before.Epoch != after.Epoch)
        {
            if (live.PublishOnlyEpoch == 0 && !before.FromBeginning && after.Failure is not { Repeats: > 0 })
            {
                var newest = after.Checkpoints.Where(IsRestorable).Reverse().Select(static record => record.Name);
                if (!newest.SequenceEqual(live.Restore) && !(live.Restore.IsEmpty && after.FromBeginning))
                {
                    Violated($"{name}@{live.Epoch} is to restore {string.Join(", ", live.Restore)} where {string.Join(", ", newest)} are intact (invariant 5)");
                }
            }
        }

        if (before.Status != after.Status && after.Status == StageStatus.Completed)
        {
            Completions++;
            var result = lab.Files.Read($"results/{key}/{after.Name}/out");
            var expected = lab.BehaviourOf(new(state.Definition.Id, after.Name, 1)).Result;
            if (result?.A != expected)
            {
                Violated($"{name} completed, and its result is {result?.A.ToString("x", null) ?? "not there"} instead of {expected:x}: a step was left out or done twice (invariant 2)");
            }
        }

        if (before.Status != after.Status && after.Status is StageStatus.Starting or StageStatus.Running)
        {
            foreach (var edge in state.Definition.Stages[i].After)
            {
                var other = state.Stages[state.IndexOf(edge.Stage)];
                var isSatisfied = edge.Condition switch
                {
                    DependencyCondition.Failure => other.Status is StageStatus.Failed or StageStatus.SoftFailed,
                    DependencyCondition.End => other.Status is StageStatus.Failed or StageStatus.SoftFailed or StageStatus.Completed,
                    DependencyCondition.Progress => other.Status == StageStatus.Completed || other.ProgressMax >= edge.Progress,
                    _ => other.Status == StageStatus.Completed,
                };
                if (!isSatisfied)
                {
                    Violated($"{name} started while {edge.Stage} is {other.Status} (invariant 4)");
                }
            }
        }
    }

    private void FactsStored(string key, IReadOnlyList<ClusterFact> facts, ClusterState after)
    {
        var before = clusters.GetValueOrDefault(key) ?? new();
        clusters[key] = after;
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case ClusterFact.Granted granted:
                    lab.World.Say(key, $"grants {granted.Attempt} {string.Join(", ", granted.Shares.Select(static share => $"{share.Node}[{string.Join(' ', share.Cores)}]"))}");
                    this.granted.UnionWith(granted.Shares.Select(share => (share.Node, granted.Attempt)));
                    Granted(after, granted);
                    break;
                case ClusterFact.Lost lost:
                    Losses++;
                    lab.World.Say(key, $"counts {lost.Attempt} lost with {lost.Node}");
                    break;
                case ClusterFact.Released released:
                    lab.World.Say(key, $"takes back {released.Attempt}");
                    break;
                case ClusterFact.Vacated vacated:
                    lab.World.Say(key, $"knows {vacated.Node} to be free of {vacated.Attempt}");
                    break;
                case ClusterFact.NodeChanged changed:
                    lab.World.Say(key, $"sees {changed.Inventory.Id} {changed.Inventory.Status} {changed.Inventory.Drain}");
                    break;
                case ClusterFact.Preempted { Preemption: var preemption }:
                    lab.World.Say(key, $"preempts {preemption.Victim} for {preemption.For}");
                    Preempted(before, preemption);
                    break;
            }
        }

        foreach (var wrong in ClusterSanity.Check(after))
        {
            Violated($"{key}: {wrong} (invariant 3)");
        }
    }

    /// <summary>Nothing is granted in a window that is in force (invariant 3).</summary>
    private void Granted(ClusterState state, ClusterFact.Granted granted)
    {
        foreach (var window in state.Windows.Values)
        {
            foreach (var share in granted.Shares)
            {
                if (window.Status == WindowStatus.Active && window.Covers(share.Node))
                {
                    Violated($"{granted.Attempt} is granted {share.Node}, which is in maintenance {window.Id} (invariant 3)");
                }
            }
        }
    }

    /// <summary>What is protected makes way for a critical window, an operator, or where it asks for more protection than it has (invariant 7).</summary>
    private void Preempted(ClusterState before, Preemption preemption)
    {
        if (before.Leases.TryGetValue(preemption.Victim.ToString(), out var lease) && lease.Request.Protected && !preemption.BeyondProtection
            && preemption.Trigger is not (PreemptionTrigger.Admin or PreemptionTrigger.Maintenance))
        {
            Violated($"{preemption.Victim} is protected and preempted for {preemption.For} (invariant 7)");
        }
    }

    private void Deleting(CheckpointRecord record)
    {
        if (Of(record.Attempt.Simulation) is not { } state || state.IndexOf(record.Attempt.Stage) is var i && i < 0)
        {
            return;
        }

        var stage = state.Stages[i];
        if (stage.Checkpoints.LastOrDefault(static known => known.Status == CheckpointStatus.Proven)?.Name == record.Name)
        {
            Violated($"{record.Name} of {record.Attempt} is deleted, and it is the newest proven one (invariant 6)");
        }

        if (stage.Live is { StartedAt: null, PublishOnlyEpoch: 0 } live && live.Restore.Contains(record.Name))
        {
            Violated($"{record.Name} of {record.Attempt} is deleted, and the live attempt {live.Epoch} may restore it (invariant 6)");
        }
    }
}

/// <summary>An invariant does not hold.</summary>
internal sealed class InvariantViolatedException(string message) : Exception(message);
