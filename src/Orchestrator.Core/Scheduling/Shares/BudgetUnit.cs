namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What a budget counts.</summary>
[GenerateSerializer, Alias("orchestrator.budget-unit")]
public enum BudgetUnit
{
    Absent = 0,
    CoreHours = 1,
    GpuHours = 2,

    /// <summary>Gibibytes by hours.</summary>
    MemoryHours = 3,

    /// <summary>In the deployment's currency.</summary>
    Cost = 4,

    /// <summary>Kilowatt-hours.</summary>
    Energy = 5,
}
