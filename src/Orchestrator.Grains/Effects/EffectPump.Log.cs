using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Effects;

internal static partial class EffectPumpLog
{
    [LoggerMessage(1900, LogLevel.Warning, "{Owner}: {Effect} on lane {Lane} failed {Failures} times; the next try is in {Wait}.")]
    public static partial void EffectFailed(ILogger logger, string owner, string effect, string lane, int failures, TimeSpan wait, Exception error);
}
