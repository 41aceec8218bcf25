using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Faults;

internal static partial class FaultFilterLog
{
    [LoggerMessage(1950, LogLevel.Error, "{Call} of {Grain} failed.")]
    public static partial void GrainFailed(ILogger logger, string grain, string call, Exception error);
}
