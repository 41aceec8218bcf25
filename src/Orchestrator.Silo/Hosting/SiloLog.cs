using Microsoft.Extensions.Logging;

namespace Orchestrator.Silo;

internal static partial class SiloLog
{
    [LoggerMessage(1800, LogLevel.Warning, "The silo did not start, and what had started did not stop in order.")]
    public static partial void StopAfterFailedStartFailed(ILogger logger, Exception error);

    [LoggerMessage(1801, LogLevel.Warning, "It could not be seen whether a simulation is live; the next look is soon.")]
    public static partial void LookForLiveFailed(ILogger logger, Exception error);

    [LoggerMessage(1802, LogLevel.Error, "{Method} {Path} failed; the caller was told the request {Request}.")]
    public static partial void RequestFailed(ILogger logger, string method, string path, string request, Exception error);

    [LoggerMessage(1803, LogLevel.Information, "{Who} asked for {Action} of {Subject}: {Outcome}.")]
    public static partial void Changed(ILogger logger, string who, string action, string subject, string outcome);

    [LoggerMessage(1804, LogLevel.Warning, "{Simulation} could not be woken after the start; its reminder does it.")]
    public static partial void NotWoken(ILogger logger, string simulation, Exception error);

    [LoggerMessage(1805, LogLevel.Information, "The checkpoint store gave back {Freed} bytes; {Waiting} wait until nobody can need them.")]
    public static partial void Collected(ILogger logger, long freed, long waiting);

    [LoggerMessage(1806, LogLevel.Warning, "The checkpoint store was not collected; what was pruned takes its space until the next try.")]
    public static partial void NotCollected(ILogger logger, Exception error);
}
