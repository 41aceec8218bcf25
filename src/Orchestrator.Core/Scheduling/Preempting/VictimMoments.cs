using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>When those that run may first be asked to make way. What of a lease does not change is looked at once, as long as it is listed in the same place.</summary>
internal sealed class VictimMoments
{
    private PreemptionSettings? settings;
    private Moments[] known = [];
    private int count;

    /// <summary>Considers the moments of all that a class outranks, and when whoever was asked counts as stuck; says the lowest class of all that could be asked, sooner or later; absent: nobody could.</summary>
    public PriorityClass Consider(ISchedulingView view, ProtectionBudget protection, PriorityClass highest, ref EarliestMoment next)
    {
        var running = view.Running;
        if (known.Length < running.Count)
        {
            Array.Resize(ref known, Spare.Length(known.Length, running.Count));
        }

        var isSame = ReferenceEquals(settings, view.Settings.Preemption);
        settings = view.Settings.Preemption;
        var lowest = PriorityClass.Absent;
        var at = 0;
        foreach (var lease in running)
        {
            ref var one = ref known[at++];
            if (!isSame || !ReferenceEquals(one.Lease, lease))
            {
                one = new(lease, settings);
            }

            if (one.IsAsked)
            {
                next.Consider(one.First);
                continue;
            }

            if (one.CanBeAsked && (lowest == PriorityClass.Absent || one.Priority < lowest) && !(one.MayBeProtected && protection.Protects(lease)))
            {
                lowest = one.Priority;
            }

            if (!one.MayBeProtected && VictimRules.Outranks(highest, one.Priority, settings))
            {
                next.Consider(one.First);
                next.Consider(one.Second);
            }
        }

        // What does not run any more must not be kept alive.
        Array.Clear(known, at, Math.Max(0, count - at));
        count = at;
        return lowest;
    }

    private readonly struct Moments
    {
        public Moments(RunningLease lease, PreemptionSettings settings)
        {
            (Lease, Priority) = (lease, lease.Priority);
            (IsAsked, CanBeAsked, MayBeProtected) = (lease.StopBy is not null, !lease.Ending && lease.Preemptible, lease.Protected);
            First = lease.StopBy is { } by ? EarliestMoment.After(by, settings.StuckAfter) : EarliestMoment.After(lease.StartedAt, settings.Quantum);
            Second = lease.Preempted.IsEmpty ? long.MaxValue : EarliestMoment.After(lease.Preempted[^1], settings.Cooldown);
        }

        public RunningLease Lease { get; }

        /// <summary>UTC ticks: when it counts as stuck, if it was asked; else the end of its quantum.</summary>
        public long First { get; }

        /// <summary>UTC ticks: the end of its cooldown; <see cref="long.MaxValue"/>: it never made way.</summary>
        public long Second { get; }

        public PriorityClass Priority { get; }

        public bool IsAsked { get; }

        public bool CanBeAsked { get; }

        public bool MayBeProtected { get; }
    }
}
