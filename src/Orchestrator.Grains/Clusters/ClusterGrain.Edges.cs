using Orchestrator.Abstractions.Accounts;
using Orchestrator.Core.Clusters;

namespace Orchestrator.Grains.Clusters;

/// <summary>What time alone brings about.</summary>
internal sealed partial class ClusterGrain
{
    private Task SurveyAsync(CancellationToken cancellationToken)
    {
        if (!isLost && !store.State.Nodes.IsEmpty)
        {
            duties = duties.LookAtAll();
            pump.Arm();
        }

        return Task.CompletedTask;
    }

    /// <summary>Wakes at the next moment at which something begins or ends by time alone, or at which the plan said that it would be another one.</summary>
    private void ArmEdges(DateTimeOffset? at = null)
    {
        if (isLost)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var next = at ?? ClusterMachine.NextEdge(store.State, policy, now);
        if (changeAt is { } change && (next is null || change < next))
        {
            next = change;
        }

        if (ClusterMachine.IsBlocked(store.State) && (next is null || now + BlockedEvery < next))
        {
            next = now + BlockedEvery;
        }

        edgeAt = next;
        var wait = next is { } due ? due - now : Timeout.InfiniteTimeSpan;
        edges.Change(next is null ? wait : wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < DueMax ? wait : DueMax, Timeout.InfiniteTimeSpan);
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        if (isLost || edgeAt is not { } due)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (now < due)
        {
            ArmEdges(due);
            return;
        }

        // Whether another plan is owed or not: the moment came, and keeps no later one from being waited for.
        (edgeAt, changeAt) = (null, changeAt > now ? changeAt : null);
        await StepAsync(new ClusterInput.Passed());
        duties = duties.Replan(store.State);
        ArmEdges();
        pump.Arm();
    }

    /// <summary>
    /// What accounts used is looked at again for the order of the queue, in memory alone; when one got other shares, limits or budgets it is asked anew, and the answer is stored.
    /// </summary>
    private async Task LookAtAccountsAsync(CancellationToken cancellationToken)
    {
        if (isLost)
        {
            return;
        }

        foreach (var (account, escrow) in store.State.Escrows)
        {
            if (escrow is not { Sent: null, Standing: { } known })
            {
                continue;
            }

            try
            {
                var standing = await GrainFactory.GetGrain<IAccountGrain>(account).StandingAsync(cancellationToken);
                planner.NoteStanding(account, standing);
                if (!ClusterViews.IsLike(known, standing))
                {
                    await StepAsync(new ClusterInput.AccountChanged(new(account)));
                }
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                ClusterGrainLog.AccountNotRead(logger, Key, account, error);
            }
        }
    }
}
