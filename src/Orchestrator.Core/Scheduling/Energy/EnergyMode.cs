namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>What is sought where work and energy compete.</summary>
[GenerateSerializer, Alias("orchestrator.energy-mode")]
public enum EnergyMode
{
    Absent = 0,

    /// <summary>The fastest nodes; nothing is put off or switched off.</summary>
    Performance = 1,

    /// <summary>Work with much slack is put off to cheaper hours.</summary>
    Balanced = 2,

    /// <summary>Well rated nodes first; idle ones are switched off.</summary>
    Efficiency = 3,

    /// <summary>Energy-intensive work runs at night.</summary>
    NightSavings = 4,
}
