using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Accounts;

internal static partial class AccountGrainLog
{
    [LoggerMessage(1300, LogLevel.Information, "{Account} was charged for {Attempts} attempts that ended.")]
    public static partial void Charged(ILogger logger, string account, long attempts);

    [LoggerMessage(1301, LogLevel.Warning, "{Account} could not count what was used; it tries again in {Wait}.")]
    public static partial void CountingFailed(ILogger logger, string account, TimeSpan wait, Exception error);
}
