using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Events;

internal static partial class EventPublisherLog
{
    [LoggerMessage(1960, LogLevel.Debug, "The nudge that {Source} said {Sequence} did not reach {Space}/{Key}; it will read the log.")]
    public static partial void NudgeLost(ILogger logger, string source, long sequence, string space, string key, Exception error);
}
