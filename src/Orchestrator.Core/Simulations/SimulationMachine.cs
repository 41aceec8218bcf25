using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// The rules of one simulation. Stages run as their dependencies are satisfied; a stage is a chain of attempts, of which the one with the newest epoch alone counts. A
/// failed stage fails the simulation, though what does not depend on its success still runs to its end; it ends once every stage has ended.
/// </summary>
public static class SimulationMachine
{
    /// <summary>
    /// The state after an input; the same instance when the input is a repeat, stale, or of no effect.
    /// <code>
    ///              Absent   Pending Running  Pausing Paused   Cancelling  final
    /// Submit       accept   same             (the same definition again; another one is illegal)
    /// Cancel       illegal  accept           accept           same        same when cancelled, else illegal
    /// Pause        illegal  accept           same, but for a person what steering paused      illegal     illegal
    /// Resume       illegal  same             accept, but of steering what another paused      illegal     illegal
    /// DeclareDead  illegal  accept, same when no stage waits for a death  the same where one does, else illegal
    /// Steer        illegal  accept what <see cref="Refusals"/> finds nothing wrong with; of what has ended rerun alone, of what is cancelling none
    /// of checkpoints illegal accept (pin, prune, distrust; another policy only before it is final)
    /// CleanRuns    illegal  accept
    /// Checkpoint   illegal  illegal accept   same    illegal  illegal     illegal
    /// Preview      illegal  accept what <see cref="PreviewRefusals"/> finds nothing wrong with
    /// from agents  illegal  accept                                        stale
    /// all others   same     accept                                        accept what was owed
    /// </code>
    /// </summary>
    /// <exception cref="InvalidTransitionException">No caller may bring the input in this status: <see cref="Allows"/> tells before.</exception>
    public static SimulationState Step(SimulationState state, SimulationInput input, DateTimeOffset now, SimulationPolicy? policy = null)
    {
        if (!Allows(state, input, policy))
        {
            throw new InvalidTransitionException("simulation", state.Status.ToString(), input.GetType().Name);
        }

        if (state.Status == SimulationStatus.Absent && input is not SimulationInput.Submit)
        {
            return state;
        }

        var draft = new SimulationDraft(state, now, policy ?? SimulationPolicy.Default);
        switch (input)
        {
            case SimulationInput.Submit submit when state.Status == SimulationStatus.Absent:
                Submission.Accept(draft, submit);
                break;
            case SimulationInput.Cancel cancel:
                Orders.Cancel(draft, cancel.Reason, cancel.User);
                break;
            case SimulationInput.Pause pause:
                Orders.Pause(draft, pause.Reason, pause.By, pause.User);
                break;
            case SimulationInput.Resume resume:
                Orders.Resume(draft, resume.Reason, resume.By, resume.User);
                break;
            case SimulationInput.DeclareDead:
                Orders.DeclareDead(draft);
                break;
            case SimulationInput.Checkpoint:
                CheckpointTiming.OrderAll(draft);
                break;
            case SimulationInput.ScheduleCheckpoint wanted:
                CheckpointTiming.Schedule(draft, wanted.At);
                break;
            case SimulationInput.Preview preview:
                PreviewTiming.OrderByHand(draft, preview.Stage, preview.Level, preview.User);
                break;
            case SimulationInput.UnscheduleCheckpoints:
                CheckpointTiming.Unschedule(draft);
                break;
            case SimulationInput.ReportFailure reported when state.IndexOf(reported.Stage) is >= 0 and var place:
                Recoveries.Report(draft, place, reported.Report, reported.User);
                break;
            case SimulationInput.EndRecovery ending when state.IndexOf(ending.Stage) is >= 0 and var place:
                Recoveries.End(draft, place, ending.Number, ending.Ending, ending.Details, ending.User);
                break;
            case SimulationInput.PinCheckpoint pin when state.IndexOf(pin.Stage) is >= 0 and var place:
                CheckpointCatalogue.Pin(draft, place, pin.Name, pin.Pinned);
                break;
            case SimulationInput.DistrustCheckpoint distrust when state.IndexOf(distrust.Stage) is >= 0 and var place:
                CheckpointCatalogue.Damage(draft, place, distrust.Name);
                break;
            case SimulationInput.PruneCheckpoints prune:
                Orders.EachStage(draft, prune.Stage, i => CheckpointCatalogue.Prune(draft, i, prune.Keep));
                break;
            case SimulationInput.ChangeCheckpointPolicy change:
                Orders.EachStage(draft, change.Stage, i => Orders.ChangePolicy(draft, i, change.Policy));
                break;
            case SimulationInput.CleanRuns clean:
                Orders.EachStage(draft, clean.Stage, i => RunRetention.Clean(draft, i, clean.All));
                break;
            case SimulationInput.PinCheckpoint or SimulationInput.DistrustCheckpoint:
                break;
            case SimulationInput.Steer steer:
                Steering.Obey(draft, steer.Order);
                break;
            case SimulationInput.Reported reported:
                Reports.Take(draft, reported.Report);
                break;
            case SimulationInput.LeaseSeen seen:
                Leases.Seen(draft, seen.Lease);
                break;
            case SimulationInput.LeaseRequested requested:
                Leases.Requested(draft, requested.Lease);
                break;
            case SimulationInput.OrderSent sent:
                Leases.OrderSent(draft, sent.Order);
                Leases.Seen(draft, sent.Lease);
                break;
            case SimulationInput.NodesSeen(var attempt, var doubt):
                Ticks.NodesSeen(draft, attempt, doubt);
                break;
            case SimulationInput.Nudged:
                Leases.LookAtAll(draft);
                break;
            case SimulationInput.Tick:
                Ticks.Pass(draft);
                foreach (var place in Readiness.GraphOf(draft.State).Timed)
                {
                    draft.Touch(place);
                }

                break;
            default:
                Obligations.Done(draft, input);
                break;
        }

        Readiness.Settle(draft);
        return draft.Finish();
    }

    /// <summary>What the state owes the world, in order.</summary>
    public static IReadOnlyList<SimulationEffect> Owed(SimulationState state) => Obligations.Of(state);

    /// <summary>When a <see cref="SimulationInput.Tick"/> is needed next; null: never, unless something else happens.</summary>
    public static DateTimeOffset? Due(SimulationState state, SimulationPolicy? policy = null) => Ticks.Due(state, policy ?? SimulationPolicy.Default);

    /// <summary>Whether <see cref="Step"/> takes the input in this status.</summary>
    public static bool Allows(SimulationState state, SimulationInput input, SimulationPolicy? policy = null) => (state.Status, input) switch
    {
        (SimulationStatus.Absent, SimulationInput.Submit or SimulationInput.Nudged or SimulationInput.Tick or SimulationInput.ReminderRemoved) => true,
        (SimulationStatus.Absent, _) => false,
        (_, SimulationInput.Submit submit) => SimulationRules.Same(Submitted(state), submit.Definition),
        (_, SimulationInput.Steer steer) => Refusals(state, steer.Order, policy).IsEmpty,
        (SimulationStatus.Completed or SimulationStatus.Failed, SimulationInput.Cancel) => false,
        (_, SimulationInput.Cancel) => true,
        (_, SimulationInput.Pause) => state.Status is >= SimulationStatus.Pending and <= SimulationStatus.Paused,
        (_, SimulationInput.Resume) => state.Status is >= SimulationStatus.Pending and <= SimulationStatus.Paused,
        (_, SimulationInput.DeclareDead) => !state.IsFinal || state.Stages.Any(static stage => stage.AwaitsDeath is not null),
        (_, SimulationInput.ChangeCheckpointPolicy change) =>
            !state.IsFinal && (change.Stage is null || state.IndexOf(change.Stage) >= 0) && SimulationRules.ProblemOf(change.Policy) is null,
        (_, SimulationInput.CleanRuns clean) => clean.Stage is null || state.IndexOf(clean.Stage) >= 0,
        (_, SimulationInput.ScheduleCheckpoint wanted) => !state.IsFinal && (state.CheckpointsWanted.Length < SimulationState.CheckpointsWantedMax || state.CheckpointsWanted.Contains(wanted.At)),
        (_, SimulationInput.ReportFailure report) => state.IndexOf(report.Stage) >= 0 && report.Report is { Kind: not FailureKind.Absent, Text.Length: > 0 },
        (_, SimulationInput.EndRecovery ending) => ending.Ending != RecoveryEnding.Absent && Recoveries.IsOpen(state, ending.Stage, ending.Number),
        (_, SimulationInput.Preview preview) => PreviewTiming.Refusals(state, preview.Stage, preview.Level).IsEmpty,
        (_, SimulationInput.Checkpoint) => state.Status is SimulationStatus.Running or SimulationStatus.Pausing,
        _ => true,
    };

    /// <summary>Everything that speaks against an order about stages, as sentences; empty: <see cref="Step"/> takes it.</summary>
    public static System.Collections.Immutable.ImmutableArray<string> Refusals(SimulationState state, StageOrder order, SimulationPolicy? policy = null) =>
        Steering.Refusals(state, order, policy ?? SimulationPolicy.Default);

    /// <summary>Why an order about the whole simulation that <see cref="Allows"/> does not allow is refused, in words of its own.</summary>
    /// <param name="state">Of the simulation, which is there.</param>
    /// <param name="input">What is asked.</param>
    /// <param name="verb">How whoever asks calls it.</param>
    public static string Refusal(SimulationState state, SimulationInput input, string verb) => OrderRefusals.Of(state, input, verb);

    /// <summary>The definition as it was submitted, whatever was added since.</summary>
    public static SimulationDefinition Submitted(SimulationState state) => Steering.Submitted(state);

    /// <summary>Where the edges of a stage stand, in the order of its definition.</summary>
    public static IReadOnlyList<EdgeJudgement> EdgesOf(SimulationState state, int stage, DateTimeOffset now) => Readiness.Edges(state, stage, now);

    /// <summary>What becomes of a report, asked before it is stepped.</summary>
    public static ReportVerdict Judge(SimulationState state, AttemptReport report) => Reports.Judge(state, report);

    /// <summary>The workers of a set of tasks, by its name or that of one of them.</summary>
    public static TaskWorkersView TaskWorkersOf(SimulationState state, string stage) => TaskWorkers.View(state, stage);

    /// <summary>The answer to a report, from what <see cref="Judge"/> said before and from the state after the step.</summary>
    public static ReportReply Answer(SimulationState after, AttemptReport report, ReportVerdict verdict) => Reports.Answer(after, report, verdict);

    /// <summary>What the lead of an attempt starts; a repeat gets the same.</summary>
    public static LaunchSpecification? Launch(SimulationState state, Ids.AttemptId attempt, Ids.NodeId node, out string? refusal) =>
        Launches.Of(state, attempt, node, out refusal);

    /// <summary>The interval between checkpoint orders in force for a stage, and when the next one is due; nulls: none is planned.</summary>
    public static (TimeSpan? Interval, DateTimeOffset? NextAt) CheckpointPlan(SimulationState state, int stage, SimulationPolicy? policy = null) =>
        CheckpointTiming.Plan(state, stage, policy ?? SimulationPolicy.Default);

    /// <summary>How a stage is checkpointed by what is known of it, and what that gives up.</summary>
    public static Checkpoints.CheckpointPlan ExplainCheckpoints(SimulationState state, int stage, SimulationPolicy? policy = null) =>
        CheckpointTiming.Explain(state, stage, policy ?? SimulationPolicy.Default);

    /// <summary>The same of a stage that was not submitted yet, by what is believed beforehand.</summary>
    public static Checkpoints.CheckpointPlan ExplainCheckpoints(Workflows.StageDefinition stage, SimulationPolicy? policy = null) =>
        Checkpoints.CheckpointSchedule.Plan(stage.Checkpoint, CheckpointTiming.Facts(new(), stage.Checkpoint, policy ?? SimulationPolicy.Default, stage.Resources.Nodes));

    /// <summary>The checkpoint policy in force.</summary>
    public static Checkpoints.CheckpointPolicy CheckpointPolicyOf(SimulationState state, int stage) => CheckpointTiming.PolicyOf(state, stage);

    /// <summary>Everything that speaks against an order for a preview, as sentences; empty: <see cref="Step"/> takes it.</summary>
    /// <param name="state">Of the simulation.</param>
    /// <param name="stage">Which; null: each that runs and makes previews.</param>
    /// <param name="level">1 to 100 percent; 0: by its progress.</param>
    public static System.Collections.Immutable.ImmutableArray<string> PreviewRefusals(SimulationState state, string? stage, int level) => PreviewTiming.Refusals(state, stage, level);

    /// <summary>The previews that are still made, by what is known at present, and when the next one is ordered by time; null: none is.</summary>
    public static (Rendering.PreviewPlan Plan, DateTimeOffset? NextAt) PreviewPlan(SimulationState state, int stage) => (PreviewTiming.Plan(state, stage), PreviewTiming.NextAt(state, stage));

    /// <summary>The run directories of a stage that are not removed by hand either, by epoch.</summary>
    public static System.Collections.Immutable.ImmutableArray<HeldRun> HeldRuns(SimulationState state, int stage) => RunRetention.Held(state, stage);

    /// <summary>Why a stage has its status, as a sentence; null where the status says it all.</summary>
    public static string? Explain(SimulationState state, int stage) => state.Stages[stage] switch
    {
        { Status: StageStatus.Waiting } => string.Join("; ", Readiness.Waits(state, stage)),
        { Status: StageStatus.Queued, Live.Queue: { } queue } => queue.Reason is null ? $"in the queue behind {queue.Ahead}" : $"{queue.Reason}; {queue.Ahead} ahead of it",
        var other => other.Reason,
    };

    /// <summary>The name of a status as events, lists and JSON have it.</summary>
    public static string NameOf<TStatus>(TStatus status) where TStatus : struct, Enum => SimulationDraft.Name(status);

    /// <summary>Institution and project of a simulation as a campaign file writes them; null when there is none.</summary>
    public static string? ProjectOf(SimulationDefinition definition) => SimulationDraft.ProjectOf(definition);

    /// <summary>What kind of work a stage is, for what is learned of kinds: its own word, or else campaign and stage.</summary>
    public static string JobTypeOf(SimulationDefinition definition, StageDefinition stage)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(stage);
        return stage.JobType.Length > 0 ? stage.JobType : $"{definition.Campaign}/{stage.Name}";
    }

    /// <summary>What is wrong with a state; empty for every state that the machine made. For tests and for whoever suspects a bug.</summary>
    public static IReadOnlyList<string> SanityCheck(SimulationState state) => Sanity.Check(state);
}

/// <summary>How a simulation begins.</summary>
internal static class Submission
{
    public static void Accept(SimulationDraft draft, SimulationInput.Submit submit)
    {
        var definition = submit.Definition;
        if (SimulationRules.Problem(definition) is { } problem)
        {
            throw new InvalidTransitionException("simulation", nameof(SimulationStatus.Absent), $"a definition that is wrong: {problem}");
        }

        draft.Set(new SimulationState
        {
            Status = SimulationStatus.Pending,
            Definition = definition,
            Order = submit.Order,
            SubmittedAt = submit.SubmittedAt ?? draft.Now,
            Stages = [.. definition.Stages.Select(static stage => new StageState { Name = stage.Name, Status = StageStatus.Waiting, Estimate = stage.EstimatedDuration })],
        });
        draft.Set(draft.State with { BaselineEnd = Estimates.ExpectedEnd(draft.State, draft.Now) });
        draft.Emit(new() { Kind = EventKinds.SimulationSubmitted, Text = $"{definition.Id} submitted", Status = SimulationDraft.Name(SimulationStatus.Pending), SimulationProgress = 0 });
        foreach (var stage in definition.Stages.Where(static stage => stage.Kind != StageKind.Barrier))
        {
            draft.Keep(Estimates.Row(draft, stage, stage.EstimatedDuration, progress: 0));
        }
    }
}
