using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Clusters;

/// <summary>The long-term reservations of protected simulations: made with the grant of a live stage, for as long as its simulation needs, and ended with it.</summary>
internal static class ClusterProtection
{
    /// <summary>How long work is taken to last of which nobody said it.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromDays(30);

    /// <summary>After a grant.</summary>
    public static void Keep(ClusterDraft draft, AttemptId attempt)
    {
        if (draft.State.Leases.TryGetValue(attempt.ToString(), out var lease) && lease.Request.Protected)
        {
            var (ahead, segment) = (lease.Request.WorkAhead ?? TimeSpan.Zero, lease.Request.DurationEstimate ?? TimeSpan.Zero);
            var duration = ahead > segment ? ahead : segment;
            Store(draft, attempt, [Stage(attempt) with
            {
                Start = lease.GrantedAt,
                Duration = duration > TimeSpan.Zero ? duration : Unknown,
                Resources = lease.Request.Resources,
                Shares = lease.Shares,
                Owner = lease.Request.Owner,
                Priority = lease.Request.Priority,
            }]);
        }
    }

    /// <summary>Once it holds its nodes no more, whatever the reason.</summary>
    public static void End(ClusterDraft draft, AttemptId attempt) => Store(draft, attempt, []);

    private static void Store(ClusterDraft draft, AttemptId attempt, ProtectedStage[] stages)
    {
        var known = draft.State.Reservations.GetValueOrDefault(ProtectedReservations.Name(Stage(attempt)));
        if (stages.Length == 0 && known is null)
        {
            return;
        }

        foreach (var reservation in ProtectedReservations.Reconcile(known is null ? [] : [known], stages, draft.Now))
        {
            draft.Add(new ClusterFact.ReservationSet { Reservation = reservation });
        }
    }

    private static ProtectedStage Stage(AttemptId attempt) => new() { Simulation = attempt.Simulation, Stage = attempt.Stage };
}
