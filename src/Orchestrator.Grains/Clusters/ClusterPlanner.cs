using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// The plans of one cluster: a workspace that is told what changed since the plan before, one plan at a time. After a plan that failed or was given up nothing is known of the
/// workspace, and the next plan starts with a new one; whatever becomes of the one that was given up is thrown away.
/// </summary>
internal sealed class ClusterPlanner(PlanRunner runner, ClusterPolicy policy)
{
    private ISchedulingWorkspace? workspace;
    private ClusterChanges changes = new();
    private readonly Dictionary<string, AccountStanding> standings = new(StringComparer.Ordinal);
    private string? policyInForce;
    private long runs;
    private long notedTo;

    /// <summary>The settings that the cluster's plans are made by.</summary>
    public SchedulingSettings Settings { get; private set; } = policy.Scheduling;

    /// <summary>Why those wait that the newest plan did not start.</summary>
    public IReadOnlyDictionary<AttemptId, WaitingTurn> Reasons { get; private set; } = ImmutableDictionary<AttemptId, WaitingTurn>.Empty;

    /// <summary>The newest plan; null before the first.</summary>
    public SchedulingPlan? Plan { get; private set; }

    /// <summary>The version up to which the newest plan knows all facts. It may have been made on a newer state of which it was not told all yet: then another plan is owed.</summary>
    public long PlannedTo { get; private set; }

    /// <summary>What was stored, and the state after it.</summary>
    public void Note(IReadOnlyList<ClusterFact> facts, ClusterState state)
    {
        notedTo = Math.Max(notedTo, state.Version);
        var counts = !state.Scenarios.IsEmpty || state.Escrows.Values.Any(static escrow => escrow.Standing is { } standing && (!standing.BudgetLeft.IsEmpty || !standing.UserBudgetLeft.IsEmpty));
        foreach (var fact in facts)
        {
            changes.Note(fact, counts);
        }
    }

    /// <summary>It made a checkpoint.</summary>
    public void NoteCheckpoint(AttemptId attempt) => changes.Attempts.Add(attempt);

    /// <summary>What an account used by now, which decides about the order of the queue and is not stored here.</summary>
    public void NoteStanding(string account, AccountStanding standing)
    {
        standings[account] = standing;
        changes.Context = true;
    }

    /// <summary>Plans on a state, with what the ledger does not hold. A plan that is still under way is given up.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<SchedulingPlan> PlanAsync(
        ClusterState state, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpoints, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var run = ++runs;
        var what = changes;
        var used = workspace;
        changes = new();
        workspace = null;
        if (used is null || policyInForce != state.Policy)
        {
            Settings = PolicyText.Read(state.Policy) ?? policy.Scheduling;
            policyInForce = state.Policy;
            used = null;
        }

        // A state that is read from is written to first, and told of a turn later.
        notedTo = used is null ? Math.Max(notedTo, state.Version) : notedTo;
        var knowsTo = Math.Min(notedTo, state.Version);
        var context = used is null || what.Context ? ContextOf(state) : null;
        var settings = Settings;
        var (plan, reasons, kept) = await runner.RunAsync(
            () =>
            {
                var open = used ?? runner.Open(settings);
                if (used is null)
                {
                    ClusterFeed.Fill(open, state, context!, checkpoints);
                }
                else
                {
                    ClusterFeed.Apply(open, state, what, context, checkpoints);
                }

                var made = open.Plan(now);
                var why = new Dictionary<AttemptId, WaitingTurn>(made.Waiting.Length);
                foreach (var waiting in made.Waiting)
                {
                    why[waiting.Attempt] = waiting;
                }

                return (made, why, open);
            },
            cancellationToken);
        if (run != runs)
        {
            // Its workspace never heard what the run after it was told.
            throw new OperationCanceledException("The plan was given up for a newer one.");
        }

        workspace = kept;
        Reasons = reasons;
        Plan = plan;
        PlannedTo = knowsTo;
        return plan;
    }

    /// <summary>What was arranged and learned, and what accounts used by now.</summary>
    public SchedulingContext ContextOf(ClusterState state)
    {
        var context = ClusterPlanning.Context(state);
        foreach (var (account, fresh) in standings)
        {
            if (context.Accounts.TryGetValue(account, out var known))
            {
                context = context with { Accounts = context.Accounts.SetItem(account, known with { Usage = fresh.Usage, UsageAt = fresh.UsageAt }) };
            }
        }

        return context;
    }
}
