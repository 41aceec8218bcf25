using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Who may be asked to make way, and when.</summary>
public static class VictimRules
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    /// <summary>It was to be gone by now and is not: nobody waits for it, and its nodes are not counted on.</summary>
    public static bool IsStuck(RunningLease lease, PreemptionSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(settings);
        return lease.StopBy is { } by && now > by + settings.StuckAfter;
    }

    /// <summary>Preemptions of one simulation in 24 hours, at most; of a class that is not known, any number.</summary>
    public static int CapOf(PriorityClass priority, PreemptionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return priority switch
        {
            PriorityClass.Critical => settings.CapCritical,
            PriorityClass.High => settings.CapHigh,
            PriorityClass.Medium => settings.CapMedium,
            PriorityClass.Low => settings.CapLow,
            PriorityClass.Background => settings.CapBackground,
            _ => int.MaxValue,
        };
    }

    /// <summary>What is against it whoever asks, except windows, reservations and operators, whom only protection stops.</summary>
    public static VictimRefusal Refusal(RunningLease lease, bool isProtected, PreemptionSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(settings);
        if (isProtected)
        {
            return VictimRefusal.Protected;
        }

        if (!lease.Preemptible)
        {
            return VictimRefusal.NotPreemptible;
        }

        if (lease.Ending || lease.StopBy is not null)
        {
            return VictimRefusal.Leaving;
        }

        if (now - lease.StartedAt < settings.Quantum)
        {
            return VictimRefusal.Quantum;
        }

        var today = 0;
        foreach (var at in lease.Preempted)
        {
            if (now - at < settings.Cooldown)
            {
                return VictimRefusal.Cooldown;
            }

            today += now - at < Day ? 1 : 0;
        }

        return today >= CapOf(lease.Priority, settings) ? VictimRefusal.Cap : VictimRefusal.Absent;
    }

    /// <summary>
    /// Whether a class is high enough to have another make way: critical work has all that is not critical make way, any other what is lower by <see cref="PreemptionSettings.ClassGap"/>.
    /// </summary>
    public static bool Outranks(PriorityClass waiting, PriorityClass running, PreemptionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return waiting > running && (waiting == PriorityClass.Critical || waiting - running >= Math.Max(1, settings.ClassGap));
    }

    /// <summary>The class in which it asks others to make way: its own, or the higher one of those that wait for it.</summary>
    public static PriorityClass ClassOf(PendingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var own = request.Priority == PriorityClass.Absent ? PriorityClass.Medium : request.Priority;
        return request.Inherited > own ? request.Inherited : own;
    }

    /// <summary>It would miss its deadline, or come too near to it, if it started only by then.</summary>
    /// <param name="request">Who waits.</param>
    /// <param name="start">When it would start; null: nobody knows.</param>
    /// <param name="settings">For the margin.</param>
    public static bool IsAtRisk(PendingRequest request, DateTimeOffset? start, PreemptionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(settings);
        return request.Deadline is { } deadline && (request.WorkAhead ?? request.DurationExpected ?? request.DurationEstimate) is { } work
            && (start is not { } from || from + work + settings.DeadlineMargin >= deadline);
    }

    /// <summary>
    /// Why running work makes way for who waits; absent: it does not. Critical work has any make way that is not, at once; otherwise a higher class has, at once if it would miss its deadline,
    /// else once it waited for <see cref="PreemptionSettings.WaitFirst"/>.
    /// </summary>
    public static PreemptionTrigger Trigger(RunningLease running, PendingRequest waiting, DateTimeOffset? plannedStart, ProtectionBudget protection, PreemptionSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(protection);
        return Refusal(running, protection.Protects(running), settings, now) != VictimRefusal.Absent || !Outranks(ClassOf(waiting), running.Priority, settings)
            ? PreemptionTrigger.Absent
            : Reason(waiting, plannedStart, settings, now);
    }

    /// <summary>Why it may have lower classes make way now; absent: it may not yet.</summary>
    public static PreemptionTrigger Reason(PendingRequest waiting, DateTimeOffset? plannedStart, PreemptionSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        ArgumentNullException.ThrowIfNull(settings);
        return !settings.Enabled ? PreemptionTrigger.Absent
            : IsAtRisk(waiting, plannedStart, settings) && ClassOf(waiting) != PriorityClass.Critical ? PreemptionTrigger.Deadline
            : ClassOf(waiting) == PriorityClass.Critical || now - waiting.QueuedSince >= settings.WaitFirst ? PreemptionTrigger.HigherPriority
            : PreemptionTrigger.Absent;
    }

    /// <summary>Core-seconds that others may lose so that it can start: more does not pay.</summary>
    public static double LossMost(PendingRequest request, PreemptionTrigger trigger, PreemptionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(settings);
        return trigger == PreemptionTrigger.HigherPriority && ClassOf(request) != PriorityClass.Critical && request.DurationEstimate is { } estimate
            ? settings.LossPart * estimate.TotalSeconds * Math.Max(1, (double)request.Resources.Nodes * request.Resources.RanksPerNode * request.Resources.Threads)
            : double.PositiveInfinity;
    }

    /// <summary>When who is asked now is gone: time for a checkpoint, if it can make one, and its own grace.</summary>
    public static DateTimeOffset StopBy(RunningLease lease, PreemptionSettings settings, DateTimeOffset now) => now + Lead(lease, settings);

    /// <summary>How long before it must be gone it is asked.</summary>
    public static TimeSpan Lead(RunningLease lease, PreemptionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(settings);
        return (lease.CanCheckpoint ? settings.CheckpointWait : TimeSpan.Zero) + (lease.Grace > TimeSpan.Zero ? lease.Grace : TimeSpan.Zero);
    }
}
