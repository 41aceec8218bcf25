using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster learns from attempts that ended by themselves, and what it therefore expects of those that wait. All of it follows from the ledger (invariant 11).</summary>
internal static class ClusterLearning
{
    /// <summary>Runs of so many users are remembered; who was not heard of for longest is forgotten first.</summary>
    public const int UsersMax = 1000;

    /// <summary>What is taken for the length of work of which nobody knows anything.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromDays(1);

    /// <summary>
    /// How long the attempt is likely to run, and in one of ten cases at most, by earlier runs of its user; its simulation knows better once it has seen some of it. Null: nothing was
    /// learned.
    /// </summary>
    public static (TimeSpan? Expected, TimeSpan? High) Of(ClusterState state, LeaseRequest request)
    {
        if (request.DurationExpected is not null)
        {
            return (request.DurationExpected, request.DurationHigh);
        }

        return Of(state.Work, request.Owner.User, request.DurationEstimate, FairTree.Cores(request.Resources));
    }

    /// <summary>The same of whatever the user asks for so.</summary>
    public static (TimeSpan? Expected, TimeSpan? High) Of(LearnedWork work, string user, TimeSpan? estimate, long cores) =>
        work.Knows(user) ? (work.Expected(user, estimate, cores), work.High(user, estimate, cores)) : (null, null);

    /// <summary>What the cluster itself expects of an attempt that gets its nodes; null: nothing, or its simulation said it.</summary>
    public static TimeSpan? AtGrant(ClusterState state, LeaseRequest request) => request.DurationExpected is null ? Of(state, request).Expected : null;

    /// <summary>What is known of all work, with a request that comes in.</summary>
    public static LearnedWork Submitted(ClusterState state, LeaseRequest request) =>
        state.Work.Submitted(Of(state, request).Expected ?? request.DurationEstimate ?? Unknown, FairTree.Cores(request.Resources));

    /// <summary>A lease is given back: what is learned from it is a fact of its own.</summary>
    public static void Learn(ClusterDraft draft, ClusterLease lease, LeaseEnding? ending)
    {
        var request = lease.Request;
        var user = request.Owner.User;
        if (ending is not { ShowsHowLong: true } || lease.State != LeaseState.Granted || user.Length == 0)
        {
            return;
        }

        var (before, cores) = (draft.State, FairTree.Cores(request.Resources));
        var speeds = before.Speeds;
        if (KindOf(before, lease) is { } kind && before.Work.Usual(user, request.JobType, request.DurationEstimate, cores) is { } usual)
        {
            speeds = speeds.Learn(request.JobType, request.Resources, kind, LearnedSpeeds.SpeedOfRun(usual, ending.Held));
        }

        draft.Add(new ClusterFact.WorkLearned
        {
            User = user,
            Run = new() { Estimate = request.DurationEstimate, Cores = cores, Runtime = ending.Held, JobType = request.JobType, EndedAt = draft.Now },
            Speeds = Changed(before.Speeds, speeds),
            ForgottenUsers = before.Work.Knows(user) || before.Work.Users.Count < UsersMax
                ? []
                : [before.Work.Users.MinBy(static known => (known.Value[^1].EndedAt, known.Key)).Key],
            ForgottenSpeeds = before.Speeds.Speeds.Count < LearnedSpeeds.Most ? [] : [.. before.Speeds.Speeds.Keys.Where(key => !speeds.Speeds.ContainsKey(key))],
        });
    }

    public static ClusterState Fold(ClusterState state, ClusterFact.WorkLearned learned) => state with
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
