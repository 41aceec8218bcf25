using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Grains.Clusters;

/// <summary>Deciding and storing: in batches, one after the other.</summary>
internal sealed partial class ClusterGrain
{
    /// <summary>Decides and stores, together with whatever else waits.</summary>
    private Task<Step> StepAsync(ClusterInput input)
    {
        var step = new Step(input);
        waiting.Enqueue(step);
        if (!isStepping)
        {
            isStepping = true;
            _ = DrainAsync();
        }

        return step.Done.Task;
    }

    /// <summary>
    /// One batch after the other until nothing waits; it alone changes the ledger. An input that cannot be decided fails alone; when a write fails, all that waits fails with it, since
    /// what is stored is no longer known. It never throws.
    /// </summary>
    private async Task DrainAsync()
    {
        List<Step> batch = [];
        try
        {
            while (waiting.Count > 0)
            {
                batch.Clear();
                while (batch.Count < BatchMax && waiting.TryDequeue(out var step))
                {
                    batch.Add(step);
                }

                await StoreAsync(batch);
            }
        }
        catch (Exception error)
        {
            foreach (var step in batch.Concat(waiting))
            {
                step.Done.TrySetException(error);
            }

            waiting.Clear();
        }
        finally
        {
            isStepping = false;
        }
    }

    private async Task StoreAsync(List<Step> batch)
    {
        var now = clock.GetUtcNow();
        var before = store.State;
        var draft = new ClusterDraft(before, now);
        foreach (var step in batch)
        {
            var mark = draft.Mark;
            try
            {
                step.Refusal = ClusterMachine.Refusal(draft.State, step.Input, policy, now);
                if (step.Refusal is null)
                {
                    ClusterMachine.Decide(draft, step.Input, policy);
                    step.Decided = step.Input is ClusterInput.ReservationRequested ? draft.Decided : null;
                    step.Changed = draft.Facts.Count > mark.Facts;
                }
            }
            catch (Exception error)
            {
                draft.GoBack(mark);
                step.Done.TrySetException(error);
            }
        }

        await store.AppendAsync(draft.Facts, now);
        Follow(before, draft.Facts, batch, now);
        foreach (var step in batch)
        {
            step.Done.TrySetResult(step);
        }
    }

    /// <summary>What follows in memory from what was stored.</summary>
    private void Follow(ClusterState before, List<ClusterFact> facts, List<Step> batch, DateTimeOffset now)
    {
        var after = store.State;
        Metrics.Note(Key, after);
        duties = duties.After(before, after, facts);
        planner.Note(facts, after);
        var isFreed = false;
        foreach (var fact in facts)
        {
            ClusterGrainLog.Fact(logger, Key, fact);
            if (fact is ClusterFact.EscrowSent sent)
            {
                accountsChanged.Remove(sent.Account);
            }
            else if (fact is ClusterFact.EscrowAnswered answered && accountsChanged.Contains(answered.Account))
            {
                _ = StepAsync(new ClusterInput.AccountChanged(answered.Account));
            }

            if (fact is ClusterFact.Released released)
            {
                checkpoints = checkpoints.Remove(released.Attempt);
            }

            isFreed |= fact is ClusterFact.Vacated or ClusterFact.Released;
        }

        foreach (var step in batch)
        {
            switch (step.Input)
            {
                case ClusterInput.Observed observed:
                    duties = duties.Compare(after, observed.Node);
                    if (ClusterMachine.NeedsSurvey(after, policy, observed.Node.Inventory.Id))
                    {
                        duties = duties.LookAtAll();
                    }

                    break;
                case ClusterInput.Surveyed surveyed:
                    foreach (var seen in surveyed.Nodes)
                    {
                        duties = duties.Compare(after, seen);
                    }

                    break;
            }
        }

        if (isFreed && ClusterMachine.IsBlocked(after))
        {
            // A window may have waited for just this.
            ArmEdges(now);
        }
        else if (!ReferenceEquals(before.Windows, after.Windows) || !ReferenceEquals(before.Reservations, after.Reservations) || !ReferenceEquals(before.Escrows, after.Escrows))
        {
            ArmEdges();
        }

        pump.Arm();
    }

    /// <summary>An input that waits to be decided and stored.</summary>
    private sealed class Step(ClusterInput input)
    {
        public ClusterInput Input => input;

        /// <summary>Why it was refused; null: it was not.</summary>
        public string? Refusal { get; set; }

        /// <summary>What became of a reservation that was asked for.</summary>
        public ReservationDecision? Decided { get; set; }

        /// <summary>Facts followed from it.</summary>
        public bool Changed { get; set; }

        /// <summary>Continuations run as turns of the grain, not inside the drain.</summary>
        public TaskCompletionSource<Step> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
