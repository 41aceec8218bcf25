using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Ledgers;

internal static partial class LedgerStoreLog
{
    [LoggerMessage(1910, LogLevel.Information, "{Grain}: the ledger was read up to {Sequence}; {Entries} entries after its snapshot.")]
    public static partial void LedgerRead(ILogger logger, string grain, long sequence, int entries);

    [LoggerMessage(1911, LogLevel.Warning, "{Grain}: an append behind {Sequence} did not come back well; the grain starts again from what is stored.")]
    public static partial void AppendFailed(ILogger logger, string grain, long sequence, Exception error);

    [LoggerMessage(1912, LogLevel.Warning, "{Grain}: the snapshot at {Sequence} could not be stored; the entries stay, and the next one replaces it.")]
    public static partial void SnapshotFailed(ILogger logger, string grain, long sequence, Exception error);
}
