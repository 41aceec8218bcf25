using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Accounts;

internal static partial class AccountGrainLog
{
    [LoggerMessage(1300, LogLevel.Information, "{Account} was charged for {Attempts} attempts that ended.")]
    public static partial void Charged(ILogger logger, string account, long attempts);

    [LoggerMessage(1301, LogLevel.Warning, "{Account} could not count what was used; it tries again in {Wait}.")]
    public static partial void CountingFailed(ILogger logger, string account, TimeSpan wait, Exception error);

    [LoggerMessage(1302, LogLevel.Information, "{Account} was arranged anew by {User}.")]
    public static partial void Arranged(ILogger logger, string account, string user);

    [LoggerMessage(1303, LogLevel.Information, "{Account} has used {Level} % of its budget {Budget}.")]
    public static partial void LevelReached(ILogger logger, string account, int level, string budget);

    [LoggerMessage(1304, LogLevel.Warning, "{Account} could not publish its events; it tries again in {Wait}.")]
    public static partial void PublishingFailed(ILogger logger, string account, TimeSpan wait, Exception error);
}
