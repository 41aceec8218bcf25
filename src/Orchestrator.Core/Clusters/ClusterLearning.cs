using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster learns from attempts that ended by themselves, and what it therefore expects of those that wait. All of it follows from the ledger (invariant 11).</summary>
public static class ClusterLearning
{
    /// <summary>Runs of so many users are remembered; who was not heard of for longest is forgotten first.</summary>
    public const int UsersMax = 1000;

    /// <summary>What is taken for the length of work of which nobody knows anything.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromDays(1);

    /// <summary>
    /// How long the attempt is likely to run, and in one of ten cases at most, by earlier runs of its user; its simulation knows better once it has seen some of it. Null: nothing was
    /// learned.
    /// </summary>
    internal static (TimeSpan? Expected, TimeSpan? High) Of(ClusterState state, LeaseRequest request)
    {
        if (request.DurationExpected is not null)
        {
            return (request.DurationExpected, request.DurationHigh);
        }

        return Of(state.Work, request.Owner.User, request.JobType, request.DurationEstimate, FairTree.Cores(request.Resources));
    }

    /// <summary>The same of whatever the user asks for so. Neither is above the estimate, which is what is enforced.</summary>
    internal static (TimeSpan? Expected, TimeSpan? High) Of(LearnedWork work, string user, string jobType, TimeSpan? estimate, long cores)
    {
        if (!work.Knows(user))
        {
            return (null, null);
        }

        var known = UserRuntimes.Of(work.Users[user]).Expect(jobType, estimate, cores, isLimit: true);
        return (known.Expected, known.Upper ?? estimate);
    }

    /// <summary>How long work is likely to run, and where that comes from.</summary>
    public static ExpectedDuration Expect(LearnedWork work, DurationQuestion question)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(question);
        return work.Knows(question.User)
            ? UserRuntimes.Of(work.Users[question.User]).Expect(question.JobType, question.Estimate, FairTree.Cores(question.Resources), question.IsLimit)
            : ExpectedDuration.Estimated(question.Estimate);
    }

    /// <summary>The same of an attempt that waits; its simulation knows better once it has seen some of it.</summary>
    public static ExpectedDuration Expect(ClusterState state, LeaseRequest request)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        return request.DurationExpected is { } own
            ? new() { Expected = own, Upper = request.DurationHigh, Source = DurationSource.Progress, Estimate = request.DurationEstimate }
            : Expect(state.Work, new DurationQuestion { User = request.Owner.User, JobType = request.JobType, Estimate = request.DurationEstimate, Resources = request.Resources, IsLimit = true });
    }

    /// <summary>What the cluster itself expects of an attempt that gets its nodes; null: nothing, or its simulation said it.</summary>
    internal static TimeSpan? AtGrant(ClusterState state, LeaseRequest request) => request.DurationExpected is null ? Of(state, request).Expected : null;

    /// <summary>What is known of all work, with a request that comes in.</summary>
    /// <remarks>By the plain mean of the last two runs, as when the oldest ledgers were written: what is folded from them stays what it was.</remarks>
    internal static LearnedWork Submitted(ClusterState state, LeaseRequest request)
    {
        var cores = FairTree.Cores(request.Resources);
        return state.Work.Submitted(request.DurationExpected ?? state.Work.Expected(request.Owner.User, request.DurationEstimate, cores) ?? Unknown, cores);
    }

    /// <summary>A lease is given back: what is learned from it is a fact of its own.</summary>
    internal static void Learn(ClusterDraft draft, ClusterLease lease, LeaseEnding? ending)
    {
        var request = lease.Request;
        var user = request.Owner.User;
        if (ending is null || !(ending.ShowsHowLong || ending.Whole > TimeSpan.Zero) || lease.State != LeaseState.Granted || user.Length == 0)
        {
            return;
        }

        // Of what was done in several attempts the whole is known, and nothing of how fast one of them was.
        var (took, estimate) = ending.ShowsHowLong ? (ending.Held, request.DurationEstimate) : (ending.Whole, ending.WholeEstimate);
        var (before, cores) = (draft.State, FairTree.Cores(request.Resources));
        var speeds = before.Speeds;
        if (ending.ShowsHowLong && KindOf(before, lease) is { } kind && before.Work.Usual(user, request.JobType, request.DurationEstimate, cores) is { } usual)
        {
            speeds = speeds.Learn(request.JobType, request.Resources, kind, LearnedSpeeds.SpeedOfRun(usual, ending.Held));
        }

        draft.Add(new ClusterFact.WorkLearned
        {
            User = user,
            Run = new() { Estimate = estimate, Cores = cores, Runtime = took, JobType = request.JobType, EndedAt = draft.Now },
            Speeds = Changed(before.Speeds, speeds),
            ForgottenUsers = before.Work.Knows(user) || before.Work.Users.Count < UsersMax
                ? []
                : [before.Work.Users.MinBy(static known => (known.Value[^1].EndedAt, known.Key)).Key],
            ForgottenSpeeds = before.Speeds.Speeds.Count < LearnedSpeeds.Most ? [] : [.. before.Speeds.Speeds.Keys.Where(key => !speeds.Speeds.ContainsKey(key))],
        });
    }

    internal static ClusterState Fold(ClusterState state, ClusterFact.WorkLearned learned) => state with
    {
        Work = (state.Work with { Users = state.Work.Users.RemoveRange(learned.ForgottenUsers) }).Ended(learned.User, learned.Run),
        Speeds = learned.Speeds.IsEmpty && learned.ForgottenSpeeds.IsEmpty
            ? state.Speeds
            : state.Speeds with { Speeds = state.Speeds.Speeds.RemoveRange(learned.ForgottenSpeeds).SetItems(learned.Speeds) },
    };

    private static ImmutableSortedDictionary<string, double> Changed(LearnedSpeeds before, LearnedSpeeds after) => ReferenceEquals(before, after)
        ? ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal)
        : after.Speeds.Where(speed => !before.Speeds.TryGetValue(speed.Key, out var known) || known != speed.Value)
            .ToImmutableSortedDictionary(static speed => speed.Key, static speed => speed.Value, StringComparer.Ordinal);

    /// <summary>The kind of its nodes; null: they are of several, of which none alone made it fast or slow.</summary>
    private static string? KindOf(ClusterState state, ClusterLease lease)
    {
        string? kind = null;
        foreach (var share in lease.Shares)
        {
            var own = state.Nodes.TryGetValue(share.Node.Value, out var node) ? NodeKinds.NameOf(node.Inventory.Capabilities) : null;
            if (own is null || (kind is not null && kind != own))
            {
                return null;
            }

            kind = own;
        }

        return kind;
    }
}
