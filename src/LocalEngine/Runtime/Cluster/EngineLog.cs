using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(100501, LogLevel.Error, "Grain {GrainId} could not be activated")]
    public static partial void ActivationFailed(this ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(100502, LogLevel.Warning, "Grain {GrainId} was deactivated with an error")]
    public static partial void DeactivationFailed(this ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(100503, LogLevel.Warning, "One-way call {Call} failed")]
    public static partial void OneWayCallFailed(this ILogger logger, Exception error, GrainCall call);

    [LoggerMessage(100504, LogLevel.Warning, "A timer of grain {GrainId} failed")]
    public static partial void TimerFailed(this ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(100505, LogLevel.Information, "Silo {Name} at {Address} joined cluster {ClusterId} of the local engine")]
    public static partial void SiloStarted(this ILogger logger, string name, SiloAddress address, string clusterId);

    [LoggerMessage(100506, LogLevel.Information, "Silo {Name} at {Address} left; graceful: {Graceful}")]
    public static partial void SiloStopped(this ILogger logger, string name, SiloAddress address, bool graceful);

    [LoggerMessage(100507, LogLevel.Error, "Reminder {Name} of grain {GrainId} was not delivered")]
    public static partial void ReminderFailed(this ILogger logger, Exception error, string name, GrainId grainId);

    [LoggerMessage(100508, LogLevel.Error, "The reminder table could not be read")]
    public static partial void ReminderTableFailed(this ILogger logger, Exception error);

    [LoggerMessage(100509, LogLevel.Warning, "An event of stream {Stream} was not delivered to {Consumer}; it is tried again")]
    public static partial void DeliveryFailed(this ILogger logger, Exception error, string stream, GrainId consumer);

    [LoggerMessage(100510, LogLevel.Error, "An event of stream {Stream} was given up for {Consumer}")]
    public static partial void DeliveryGivenUp(this ILogger logger, Exception error, string stream, GrainId consumer);
}
