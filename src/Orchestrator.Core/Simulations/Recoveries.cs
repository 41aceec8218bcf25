using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// What follows from failures: each is put on record, something is done about it in the order of its kind's strategies, and it is resolved when the stage runs again, or ends. Which
/// checkpoint the stage goes on from is the catalogue's to say (invariant 5). Failures of the program use its retries; those of its surroundings are waited for and counted apart, and so
/// is a node that cannot launch it while there are others: what none of them can launch is the program's own fault. The loss of a node, a walltime, a drain or a preemption uses neither.
/// </summary>
internal static class Recoveries
{
    /// <summary>What was asked for, times this, is the most that it is reconfigured to, unless the campaign says otherwise.</summary>
    private const long MemoryMaxFactor = 4;

    /// <summary>Puts a failure of the attempt that was just closed on record; what follows is decided by the caller.</summary>
    public static void Note(SimulationDraft draft, int i, FailureDiagnosis diagnosis, string reason, DateTimeOffset? occurredAt = null, NodeId? node = null) =>
        Record(draft, i, diagnosis, reason, diagnosis.Kind == FailureKind.NodeOffline ? Choose(draft, i, diagnosis.Kind) : RecoveryStrategy.Absent, occurredAt, node);

    /// <summary>After a failure of the attempt that was just closed: another try after a while, or the end of the stage.</summary>
    public static void Begin(SimulationDraft draft, int i, FailureDiagnosis diagnosis, string reason, DateTimeOffset? occurredAt = null)
    {
        var stage = draft[i];
        var retry = draft.DefinitionOf(i).Retry;
        var recovery = draft.DefinitionOf(i).Recovery;
        var closed = stage.Recent[^1];
        var isElsewhere = closed.End == AttemptEnd.LaunchRefused && diagnosis.NodeAtFault && !stage.IsRefusedEverywhere;
        var isWaitedFor = isElsewhere || (FailureKinds.IsOfSurroundings(diagnosis.Kind) && (closed.End != AttemptEnd.LaunchRefused || diagnosis is { NodeAtFault: true, Kind: not FailureKind.NodeDegraded }));
        var (used, most) = isWaitedFor ? (stage.WaitsUsed, recovery.WaitsMax) : (stage.RetriesUsed, retry.RetriesMax);

        // Going back is bounded by itself (invariant 5): few retries do not cut it short, unless there is to be none at all.
        var bound = most + (!isWaitedFor && most > 0 && CheckpointCatalogue.GoesBack(stage) ? CheckpointCatalogue.GoingBackMax : 0);
        var end = draft.State.Status == SimulationStatus.Cancelling ? (StageStatus.Cancelled, "the simulation was cancelled")
            // The same request would end the same way, however often it is tried.
            : diagnosis.Kind == FailureKind.ResourceExcess && MoreMemory(draft, i, diagnosis.Kind) is null ? (StageStatus.Failed, $"{reason}; {diagnosis.Explanation}")
            : !isWaitedFor && most > 0 && CheckpointCatalogue.IsHopeless(stage) ? (StageStatus.Failed, $"{reason}; the same at the same step after going back three times")
            : used >= bound ? (StageStatus.Failed, most == 0 ? reason : isWaitedFor ? $"{reason}, after {most} tries that waited for its surroundings" : $"{reason}, after {used} retries")
            : (StageStatus.Absent, "");
        if (end.Item1 != StageStatus.Absent)
        {
            Record(draft, i, diagnosis, reason, RecoveryStrategy.Absent, occurredAt);
            Attempts.Finish(draft, i, end.Item1, end.Item2);
            return;
        }

        var strategy = diagnosis.Kind == FailureKind.ResourceExcess ? RecoveryStrategy.Reconfigure : Choose(draft, i, diagnosis.Kind);
        var how = Apply(draft, i, strategy, diagnosis.Kind);
        used++;
        var held = draft.IsHeld;
        draft.Set(i, draft[i] with
        {
            Status = held ? StageStatus.Paused : StageStatus.Backoff,
            RetriesUsed = isWaitedFor ? stage.RetriesUsed : used,
            WaitsUsed = isWaitedFor ? used : stage.WaitsUsed,
            TriedStep = Math.Max(stage.TriedStep, stage.Step),
            TriedProgress = Math.Max(stage.TriedProgress, stage.Progress),
            TriedWork = WorkDone(closed, occurredAt ?? draft.Now) is var work && work > stage.TriedWork ? work : stage.TriedWork,
            BackoffUntil = held ? null : draft.Now + RecoveryPlan.Backoff(retry.BackoffFirst, retry.BackoffMax, isElsewhere ? 1 : used, draft.AttemptOf(i, closed.Epoch)),
            Reason = isWaitedFor
                ? FormattableString.Invariant($"{reason}; {diagnosis.Explanation}: waits, and goes on{how}")
                : used > most ? FormattableString.Invariant($"{reason}; the same again after {most} retries: goes back further{how}")
                : FormattableString.Invariant($"{reason}; retry {used} of {most}{how}"),
        });
        Record(draft, i, diagnosis, reason, strategy, occurredAt, attempt: used);
    }

    /// <summary>Something that is seen of a running attempt and only noted.</summary>
    public static void Remark(SimulationDraft draft, int i, FailureKind kind, string text)
    {
        var live = draft[i].Live!;
        var record = Next(draft, i) with
        {
            Kind = kind,
            Severity = FailureKinds.SeverityOf(kind),
            Detection = FailureDetection.Metrics,
            Epoch = live.Epoch,
            Node = live.Shares[0].Node,
            Text = $"{draft[i].Name}: {text}",
            OccurredAt = live.LastProgressAt ?? draft.Now,
            Strategy = RecoveryStrategy.Ignore,
            RecoveredAt = draft.Now,
            IsResolved = true,
            Resolution = "noted",
        };
        Keep(draft, i, record);
        draft.Set(i, draft[i] with { Recovery = draft[i].Recovery.Noticed(record).Resolved(record) });
        draft.Keep(new() { Stage = draft[i].Name, Failure = record });
        Say(draft, i, EventKinds.FailureDetected, record, record.Text);
    }

    /// <summary>What a person saw. It stays open until a person says how it ended, or the stage starts again or ends.</summary>
    public static void Report(SimulationDraft draft, int i, FailureReport report, string? by)
    {
        var record = Next(draft, i) with
        {
            Kind = report.Kind,
            Severity = report.Severity == FailureSeverity.Absent ? FailureKinds.SeverityOf(report.Kind) : report.Severity,
            Detection = FailureDetection.Manual,
            Epoch = draft[i].Live?.Epoch ?? draft[i].Epoch,
            Node = report.Node ?? (draft[i].Live is { IsGranted: true } live ? live.Shares[0].Node : null),
            Text = $"{draft[i].Name}: {report.Text}",
            Explanation = $"reported by {by ?? "a person"}",
            ReportedBy = by,
            OccurredAt = report.OccurredAt is { } at && at < draft.Now ? at : draft.Now,
        };
        Keep(draft, i, record);
        draft.Set(i, draft[i] with { Recovery = draft[i].Recovery.Noticed(record) });
        Say(draft, i, EventKinds.FailureDetected, record, record.Text);
    }

    private static string StrategyOf(FailureRecord record) => record.Strategy == RecoveryStrategy.Absent ? "by hand" : FailureKinds.NameOf(record.Strategy);

    /// <summary>Whether there is such a failure, and nothing came of it yet.</summary>
    public static bool IsOpen(SimulationState state, string stage, long number) =>
        state.IndexOf(stage) is >= 0 and var i && state.Stages[i].Faults.Any(fault => fault.Number == number && !fault.IsResolved);

    /// <summary>A person says how it ended; what the stage does is left to the stage.</summary>
    public static void End(SimulationDraft draft, int i, long number, RecoveryEnding ending, string? details, string? by)
    {
        var said = details is { Length: > 0 } ? $": {details}" : "";
        Resolve(draft, i, ending == RecoveryEnding.Succeeded ? EventKinds.FailureRecovered : EventKinds.FailureAbandoned, record => ending switch
        {
            RecoveryEnding.Succeeded => record with
            {
                ResolvedBy = by,
                RecoveredAt = draft.Now,
                Resolution = $"Recovery with strategy {StrategyOf(record)}{said}",
            },
            RecoveryEnding.Cancelled => record with { ResolvedBy = by, Resolution = $"cancelled{said}" },
            _ => record with { ResolvedBy = by, Resolution = $"Recovery failed{said}" },
        }, number);
    }

    /// <summary>The stage runs again: what was open is over.</summary>
    public static void Succeed(SimulationDraft draft, int i) =>
        Resolve(draft, i, EventKinds.FailureRecovered, record => record with
        {
            RecoveredAt = draft.Now,
            Resolution = $"Recovery with strategy {StrategyOf(record)}: it runs on {draft[i].Live!.Shares[0].Node}",
        });

    /// <summary>The stage has ended: what is open is left to a person, unless somebody wanted the end.</summary>
    public static void GiveUp(SimulationDraft draft, int i, StageStatus status, string reason) =>
        Resolve(draft, i, status == StageStatus.Failed ? EventKinds.FailureAbandoned : EventKinds.FailureRecovered, record => status == StageStatus.Completed
            ? record with { RecoveredAt = draft.Now, Resolution = "the stage is complete" }
            : record with { Resolution = status == StageStatus.Failed ? $"left to a person: {reason}" : reason });

    /// <summary>
    /// A checkpoint beyond the furthest failure that was counted is lasting progress: tries are counted anew from here. It tells, too, whether the storage has become slow.
    /// </summary>
    public static void Checkpointed(SimulationDraft draft, int i, CheckpointRecord checkpoint)
    {
        var stage = draft[i];
        if ((stage.RetriesUsed > 0 || stage.WaitsUsed > 0) && IsBeyond(stage, checkpoint))
        {
            draft.Set(i, stage with { RetriesUsed = 0, WaitsUsed = 0, TriedStep = -1, TriedProgress = 0, TriedWork = TimeSpan.Zero });
        }

        var before = draft[i].Storage;
        var after = before.After(checkpoint.Cost, draft.Now);
        if (ReferenceEquals(before, after))
        {
            return;
        }

        draft.Set(i, draft[i] with { Storage = after });
        if (after.IsSlow != before.IsSlow)
        {
            draft.Emit(i, new()
            {
                Kind = after.IsSlow ? EventKinds.StorageSlow : EventKinds.StorageWell,
                Text = after.IsSlow
                    ? $"{stage.Name}: a checkpoint took {DurationWords.Of(checkpoint.Cost)} instead of {DurationWords.Of(before.Usual)}; they are made less often, within the largest loss allowed"
                    : $"{stage.Name}: checkpoints take as long as usual again",
                Checkpoint = checkpoint.Name,
                Node = draft[i].Live is { IsGranted: true } live ? live.Shares[0].Node : null,
            });
        }
    }

    /// <summary>The stage as it is launched: with what it was reconfigured to.</summary>
    public static StageDefinition AsRun(SimulationState state, int i)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        if (stage.Resources is null && !stage.IsReconfigured)
        {
            return definition;
        }

        return definition with
        {
            Resources = stage.Resources ?? definition.Resources,
            Environment = stage.IsReconfigured ? definition.Environment.SetItems(definition.Recovery.Environment) : definition.Environment,
        };
    }

    private static RecoveryStrategy Choose(SimulationDraft draft, int i, FailureKind kind)
    {
        var tried = draft[i].Faults.Where(fault => fault.Kind == kind && fault.Strategy != RecoveryStrategy.Absent && fault.Epoch > draft[i].TriesAfterEpoch).Select(static fault => fault.Strategy);
        return RecoveryPlan.Next(draft.DefinitionOf(i).Recovery.StrategiesOf(kind), tried, strategy => strategy switch
        {
            RecoveryStrategy.Restore or RecoveryStrategy.Rollback => draft[i].Checkpoints.Any(CheckpointCatalogue.IsRestorable),
            RecoveryStrategy.Reconfigure => MoreMemory(draft, i, kind) is not null || (!draft[i].IsReconfigured && !draft.DefinitionOf(i).Recovery.Environment.IsEmpty),
            _ => true,
        });
    }

    /// <summary>Carries it out; returns what it changes, as the end of a sentence.</summary>
    private static string Apply(SimulationDraft draft, int i, RecoveryStrategy strategy, FailureKind kind)
    {
        var stage = draft[i];
        switch (strategy)
        {
            case RecoveryStrategy.Migrate:
                draft.Set(i, stage with { Avoid = [.. stage.Avoid.Union(stage.Recent[^1].Shares.Select(static share => share.Node))] });
                return ", on other nodes";
            case RecoveryStrategy.PartialRestart:
                draft.Set(i, stage with { FromBeginning = true });
                return ", from the beginning of the stage";
            case RecoveryStrategy.Rollback:
                draft.Set(i, stage with { Failure = (stage.Failure ?? new StageFailure()) with { Repeats = Math.Max(1, stage.Failure?.Repeats ?? 0) } });
                return ", from a checkpoint further back";
            case RecoveryStrategy.Reconfigure:
                return Reconfigure(draft, i, kind);
            default:
                return "";
        }
    }

    private static string Reconfigure(SimulationDraft draft, int i, FailureKind kind)
    {
        var said = "";
        if (MoreMemory(draft, i, kind == FailureKind.ResourceExcess ? kind : FailureKind.MemoryExhaustion) is { } memory)
        {
            var asked = draft[i].Resources ?? draft.DefinitionOf(i).Resources;
            draft.Set(i, draft[i] with { Resources = asked with { MemoryPerNode = memory } });
            said = FormattableString.Invariant($", with {memory / (1024.0 * 1024 * 1024):0.##} GiB of memory on each node");
        }

        if (!draft[i].IsReconfigured && !draft.DefinitionOf(i).Recovery.Environment.IsEmpty)
        {
            draft.Set(i, draft[i] with { IsReconfigured = true });
            said += ", with another environment";
        }

        return said;
    }

    /// <summary>Bytes on each node for the next try; null: it did not say what it needs, or has all that it may have.</summary>
    private static long? MoreMemory(SimulationDraft draft, int i, FailureKind kind)
    {
        var recovery = draft.DefinitionOf(i).Recovery;
        var submitted = draft.DefinitionOf(i).Resources.MemoryPerNode;
        var asked = (draft[i].Resources ?? draft.DefinitionOf(i).Resources).MemoryPerNode;
        var most = recovery.MemoryMax > 0 ? recovery.MemoryMax : submitted * MemoryMaxFactor;
        if (kind == FailureKind.ResourceExcess)
        {
            // More cores are for the campaign to ask for: ranks and threads are the program's own affair.
            var excesses = draft[i].Recent[^1].Excesses;
            return asked > 0 && excesses is [{ Resource: ExcessResource.Memory, Used: var measured }] && measured < most
                ? Math.Min(most, Math.Max((long)(asked * recovery.MemoryFactor), (long)(measured * ResourceExcess.Spare)))
                : null;
        }

        return kind == FailureKind.MemoryExhaustion && asked > 0 && asked < most ? Math.Min(most, (long)(asked * recovery.MemoryFactor)) : null;
    }

    private static void Record(
        SimulationDraft draft, int i, FailureDiagnosis diagnosis, string reason, RecoveryStrategy strategy, DateTimeOffset? occurredAt, NodeId? node = null, int attempt = 0)
    {
        var closed = draft[i].Recent[^1];
        var record = Next(draft, i) with
        {
            Kind = diagnosis.Kind,
            Severity = FailureKinds.SeverityOf(diagnosis.Kind),
            Detection = diagnosis.Detection,
            Epoch = closed.Epoch,
            Node = node ?? (closed.IsGranted ? closed.Shares[0].Node : null),
            Text = $"{draft[i].Name}: {reason}",
            Explanation = diagnosis.Explanation,
            OccurredAt = occurredAt is { } at && at < draft.Now ? at : draft.Now,
            Strategy = strategy,
            Try = attempt,
            WorkLost = WorkLost(draft[i], closed, occurredAt ?? draft.Now),
            Step = draft[i].Step,
            NodeAtFault = diagnosis.NodeAtFault,
        };
        Keep(draft, i, record);
        draft.Set(i, draft[i] with { Recovery = draft[i].Recovery.Noticed(record) });
        var done = strategy == RecoveryStrategy.Absent ? "" : $"; {FailureKinds.NameOf(strategy)}";
        Say(draft, i, EventKinds.FailureDetected, record, $"{draft[i].Name}: {FailureKinds.NameOf(record.Kind)}, {diagnosis.Explanation}{done}");
    }

    private static FailureRecord Next(SimulationDraft draft, int i) => new()
    {
        Number = draft[i].FaultsSeen + 1,
        Simulation = draft.State.Definition.Id,
        Stage = draft[i].Name,
        DetectedAt = draft.Now,
        Step = draft[i].Step,
    };

    /// <summary>By steps where both are known, else by progress where any was ever said, else by running time.</summary>
    private static bool IsBeyond(StageState stage, CheckpointRecord checkpoint) =>
        stage.TriedStep >= 0 && checkpoint.Step >= 0 ? checkpoint.Step > stage.TriedStep
        : stage.TriedProgress > 0 ? (checkpoint.Progress >= 0 ? checkpoint.Progress : stage.Progress) > stage.TriedProgress
        : checkpoint.WorkSaved > stage.TriedWork;

    private static TimeSpan WorkDone(AttemptState closed, DateTimeOffset until) =>
        closed.StartedAt is { } started && until > started ? closed.WorkBefore + (until - started) : closed.WorkBefore;

    /// <summary>What of the running time is not in the checkpoint from which it goes on.</summary>
    private static TimeSpan WorkLost(StageState stage, AttemptState closed, DateTimeOffset until)
    {
        if (closed.StartedAt is not { } started || until <= started)
        {
            return TimeSpan.Zero;
        }

        var saved = stage.FromBeginning ? null : CheckpointCatalogue.Find(stage, CheckpointCatalogue.RestoreOrder(stage).FirstOrDefault());
        var lost = WorkDone(closed, until) - (saved?.WorkSaved ?? TimeSpan.Zero);
        return lost > TimeSpan.Zero ? lost : TimeSpan.Zero;
    }

    private static void Keep(SimulationDraft draft, int i, FailureRecord record)
    {
        var faults = draft[i].Faults.Add(record);
        if (faults.Length > StageState.FaultsMax)
        {
            if (!faults[0].IsResolved)
            {
                draft.Keep(new() { Stage = draft[i].Name, Failure = faults[0] });
            }

            faults = faults.RemoveAt(0);
        }

        draft.Set(i, draft[i] with { Faults = faults, FaultsSeen = record.Number });
    }

    /// <param name="draft">Of which simulation.</param>
    /// <param name="i">Of which stage.</param>
    /// <param name="kind">Of the event that tells it.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="only">Which one; 0: all that are open.</param>
    private static void Resolve(SimulationDraft draft, int i, string kind, Func<FailureRecord, FailureRecord> end, long only = 0)
    {
        for (var at = 0; at < draft[i].Faults.Length; at++)
        {
            if (draft[i].Faults[at].IsResolved || (only != 0 && draft[i].Faults[at].Number != only))
            {
                continue;
            }

            var record = end(draft[i].Faults[at]) with { IsResolved = true };
            draft.Set(i, draft[i] with { Faults = draft[i].Faults.SetItem(at, record), Recovery = draft[i].Recovery.Resolved(record) });
            draft.Keep(new() { Stage = draft[i].Name, Failure = record });
            Say(draft, i, kind, record, $"{draft[i].Name}: {FailureKinds.NameOf(record.Kind)}: {record.Resolution}");
        }
    }

    private static void Say(SimulationDraft draft, int i, string kind, FailureRecord record, string text) =>
        draft.Emit(i, new() { Kind = kind, Text = text, Epoch = record.Epoch, Node = record.Node, Failure = record, By = record.IsResolved ? record.ResolvedBy : record.ReportedBy });
}
