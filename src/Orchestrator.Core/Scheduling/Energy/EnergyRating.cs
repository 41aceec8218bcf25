using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>How well nodes turn energy into work.</summary>
public static class EnergyRating
{
    /// <summary>Of a node of which nothing is known.</summary>
    public const double Unknown = 50;

    /// <summary>Watts per core that are rated with half of all.</summary>
    private const double UsualPerCore = 10;

    /// <summary>0 to 100: as rated; else by the watts of a core at work, of which 10 are 50; else <see cref="Unknown"/>.</summary>
    public static double Of(NodePower? power, int cores) =>
        power is null ? Unknown
        : power.Rating > 0 ? Math.Min(power.Rating, 100)
        : power.Busy > 0 && cores > 0 ? 100 * UsualPerCore / (UsualPerCore + power.Busy / cores)
        : Unknown;
}
