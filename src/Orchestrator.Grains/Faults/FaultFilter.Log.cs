using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Faults;

internal static partial class FaultFilterLog
{
    [LoggerMessage(1910, LogLevel.Error, "{Call} of {Grain} failed.")]
    public static partial void GrainFailed(ILogger logger, string grain, string call, Exception error);
}
