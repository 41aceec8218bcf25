using Microsoft.Extensions.Logging;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Grains.Simulations;

internal static partial class SimulationGrainLog
{
    [LoggerMessage(1000, LogLevel.Information, "{Simulation} went from {Before} to {After}: {Reason}")]
    public static partial void SimulationChanged(ILogger logger, string simulation, SimulationStatus before, SimulationStatus after, string? reason);

    [LoggerMessage(1001, LogLevel.Information, "{Simulation}/{Stage}@{Epoch} went from {Before} to {After}: {Reason}")]
    public static partial void StageChanged(ILogger logger, string simulation, string stage, int epoch, StageStatus before, StageStatus after, string? reason);

    [LoggerMessage(1002, LogLevel.Error, "{Simulation} could not be stored; it is read again before anything else happens to it.")]
    public static partial void NotStored(ILogger logger, string simulation, Exception error);

    [LoggerMessage(1004, LogLevel.Warning, "Why {Simulation}/{Stage}@{Epoch} had to leave could not be asked of its cluster; its end is taken without.")]
    public static partial void ReasonNotHeard(ILogger logger, string simulation, string stage, int epoch, Exception error);

    [LoggerMessage(1003, LogLevel.Error, "{Simulation} is in a state that should not be: {Wrong}")]
    public static partial void NotSane(ILogger logger, string simulation, string wrong);
}
