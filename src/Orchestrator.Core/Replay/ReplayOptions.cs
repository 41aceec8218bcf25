using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Replay;

/// <summary>The machine on which a workload is replayed, and by which rules.</summary>
public sealed record ReplayOptions
{
    /// <summary>Processors, or hosts, of the machine; at least 1.</summary>
    public int Processors { get; init; }

    public SchedulingSettings Settings { get; init; } = new();

    public EventOrder Events { get; init; } = EventOrder.OneByOne;

    /// <summary>Each job holds hosts with a name, and who waits reserves such; else processors are all the same, and only their number counts.</summary>
    public bool NamedHosts { get; init; }

    /// <summary>
    /// Durations are predicted from the jobs that ended, for the order of backfill and for what fits; allowed where the queue goes by arrival and processors are all the same. Estimates stay limits.
    /// </summary>
    public bool Predicts { get; init; }

    /// <summary>Of what the scheduler is put together where hosts have names.</summary>
    public SchedulerParts Parts { get; init; } = SchedulerParts.Default with { Power = new PowerPlanner() };

    /// <summary>How long a user's jobs ran tells how long the next is likely to run, for the order in which they wait; false: only estimates count.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>Of each processor or host. By default a host of the cluster Taurus of Grid'5000, as Batsim's examples have it.</summary>
    public NodePower Power { get; init; } = new()
    {
        Idle = 95,
        Busy = 190.738,
        Off = 9.75,
        SwitchOnTime = TimeSpan.FromSeconds(152),
        SwitchOnEnergy = 19_030,
        SwitchOffTime = TimeSpan.FromSeconds(6.1),
        SwitchOffEnergy = 620,
    };
}
