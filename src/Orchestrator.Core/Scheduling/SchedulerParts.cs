using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Scheduling;

/// <summary>Of what a scheduler is put together. The numbers of all parts are in <see cref="SchedulingSettings"/>.</summary>
public sealed record SchedulerParts
{
    public static SchedulerParts Default { get; } = new();

    /// <summary>Makes the order of one workspace: an order may keep buffers, and is not used by two at once.</summary>
    public Func<IRequestOrder> Order { get; init; } = static () => new MultifactorOrder();

    /// <summary>Asked in this order; the first that refuses is the reason.</summary>
    public ImmutableArray<IAdmissionRule> Rules { get; init; } = [new HookRule(), new ConcurrencyRule(), new ShareAdmission(), new BudgetAdmission(), new EnergyAdmission()];

    public INodePreference Preference { get; init; } = new NodeMatching();

    /// <summary>Null: nobody is asked to make way.</summary>
    public IPreemptionPlanner? Preemption { get; init; } = new PreemptionPlanner();

    /// <summary>Null: no node is switched.</summary>
    public IPowerPlanner? Power { get; init; } = new PowerPlanner();
}
