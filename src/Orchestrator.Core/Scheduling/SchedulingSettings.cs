using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling;

/// <summary>All numbers by which plans are made: one policy file.</summary>
public sealed record SchedulingSettings
{
    public OrderSettings Order { get; init; } = new();

    public BackfillSettings Backfill { get; init; } = new();

    public PreemptionSettings Preemption { get; init; } = new();

    public ProtectionSettings Protection { get; init; } = new();

    public ShareSettings Shares { get; init; } = new();

    public MatchingSettings Matching { get; init; } = new();

    public EnergySettings Energy { get; init; } = new();

    /// <summary>Attempts that run at once on the cluster; null: any number.</summary>
    public int? RunningMax { get; init; }
}
