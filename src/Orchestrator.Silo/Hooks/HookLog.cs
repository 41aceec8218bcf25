using Microsoft.Extensions.Logging;

namespace Orchestrator.Silo.Hooks;

internal static partial class HookLog
{
    [LoggerMessage(1820, LogLevel.Warning, "The hook of {Cluster} failed, and what it said before holds: {Why}.")]
    public static partial void Failed(ILogger logger, string cluster, string why, Exception? error);

    [LoggerMessage(1821, LogLevel.Warning, "Of what the hook of {Cluster} said, {Count} items or more were ignored; the first: {First}.")]
    public static partial void PartlyIgnored(ILogger logger, string cluster, int count, string first);
}
