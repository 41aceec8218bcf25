using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What an account that waits for its guarantee may take back from those who borrow it.</summary>
public sealed record ReclaimClaim
{
    /// <summary>The attempt that waits.</summary>
    public AttemptId For { get; init; }

    /// <summary>The same, as it waits.</summary>
    internal PendingRequest? Request { get; init; }

    /// <summary>Its account: the lender.</summary>
    public string Account { get; init; } = "";

    /// <summary>Cores that must become free for it, beside those that are.</summary>
    public long Cores { get; init; }

    /// <summary>By the accounts that hold more than they are guaranteed, the cores that each may lose at most: no account is brought below its guarantee to satisfy another's.</summary>
    public ImmutableSortedDictionary<string, long> Excess { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Their leases that may be asked to leave, whole ones and none protected, the newest first.</summary>
    public ImmutableArray<AttemptId> Candidates { get; init; } = [];
}

/// <summary>Guarantees that are lent come back: finds who may claim what from whom.</summary>
public static class ShareReclaim
{
    /// <summary>
    /// The claims of all attempts that are within the guarantee of their account and have waited for <see cref="ShareSettings.ReclaimAfter"/>, the longest waiting first. What one
    /// claim takes is not taken off the next: whoever carries them out looks again after each. Empty when there are none, or nothing is ever reclaimed.
    /// </summary>
    public static ImmutableArray<ReclaimClaim> Claims(ISchedulingView view, DateTimeOffset now) => Claims(view, now, withCandidates: true, int.MaxValue);

    /// <summary>Whether it is among the <see cref="ReclaimClaim.Candidates"/> of claims with such an excess.</summary>
    internal static bool IsCandidate(RunningLease lease, IReadOnlyDictionary<string, long> excess) =>
        !lease.Protected && !lease.Ending && lease.StopBy is null && excess.ContainsKey(ShareBook.KeyOf(lease.Owner));

    /// <summary>The same; without candidates for whoever looks at all leases anyway and asks <see cref="IsCandidate"/>.</summary>
    /// <param name="view">What is planned.</param>
    /// <param name="now">The moment of the plan.</param>
    /// <param name="withCandidates">Whether <see cref="ReclaimClaim.Candidates"/> are wanted.</param>
    /// <param name="most">So many of the first are wanted.</param>
    internal static ImmutableArray<ReclaimClaim> Claims(ISchedulingView view, DateTimeOffset now, bool withCandidates, int most)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Settings.Shares.ReclaimAfter is not { } patience || !view.Context.Accounts.Any(static account => account.Value.Guaranteed > 0))
        {
            return [];
        }

        var book = PlanMemo.Of(view).Shares(view);
        var waiting = new List<PendingRequest>();
        foreach (var request in view.Pending)
        {
            var entry = book.Of(ShareBook.KeyOf(request.Owner));
            if (entry.Guaranteed > entry.Used && now - request.QueuedSince >= patience && entry.Used + book.CoresOf(request.Resources) <= entry.Guaranteed)
            {
                waiting.Add(request);
            }
        }

        if (waiting.Count == 0)
        {
            return [];
        }

        var excess = book.Entries.Where(static entry => entry.Excess > 0)
            .ToImmutableSortedDictionary(static entry => entry.Account, static entry => entry.Excess, StringComparer.Ordinal);
        var candidates = withCandidates ? Candidates(view, excess) : [];
        if (withCandidates ? candidates.IsEmpty : excess.IsEmpty)
        {
            return [];
        }

        var claims = ImmutableArray.CreateBuilder<ReclaimClaim>();
        var claimed = new Dictionary<string, long>(StringComparer.Ordinal);
        var free = book.Free;
        waiting.Sort(ByWait);
        foreach (var request in waiting)
        {
            var entry = book.Of(ShareBook.KeyOf(request.Owner));
            var cores = book.CoresOf(request.Resources);
            var soFar = claimed.GetValueOrDefault(entry.Account);
            if (entry.Used + soFar + cores > entry.Guaranteed)
            {
                continue;
            }

            claimed[entry.Account] = soFar + cores;
            var missing = Math.Max(0, cores - Math.Max(0, free));
            free -= cores;
            claims.Add(new() { For = request.Attempt, Request = request, Account = entry.Account, Cores = missing, Excess = excess, Candidates = candidates });
            if (claims.Count >= most)
            {
                break;
            }
        }

        return claims.ToImmutable();
    }

    private static ImmutableArray<AttemptId> Candidates(ISchedulingView view, ImmutableSortedDictionary<string, long> excess)
    {
        var leases = new List<RunningLease>();
        foreach (var lease in view.Running)
        {
            if (IsCandidate(lease, excess))
            {
                leases.Add(lease);
            }
        }

        // The text of an attempt is made only where it decides.
        leases.Sort(static (left, right) => right.StartedAt.CompareTo(left.StartedAt) is not 0 and var order ? order : string.CompareOrdinal(left.Attempt.ToString(), right.Attempt.ToString()));
        return [.. leases.Select(static lease => lease.Attempt)];
    }

    private static int ByWait(PendingRequest left, PendingRequest right)
    {
        var order = left.QueuedSince.CompareTo(right.QueuedSince);
        order = order != 0 ? order : left.SubmissionOrder.CompareTo(right.SubmissionOrder);
        return order != 0 ? order : string.CompareOrdinal(left.Attempt.ToString(), right.Attempt.ToString());
    }
}
