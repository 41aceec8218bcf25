using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Failures;

/// <summary>
/// What is known of the kinds of failures beforehand.
/// <code>
/// kind                 severity  strategies, in order     whose fault
/// node-offline         critical  migrate, restore         surroundings
/// node-degraded        high      migrate, reconfigure     surroundings
/// process-crash        high      restart, restore         program
/// memory-exhaustion    high      reconfigure, restart     program
/// disk-full            high      ignore                   surroundings
/// network-failure      high      restart, migrate         surroundings
/// resource-contention  medium    reconfigure, migrate     surroundings
/// deadlock             high      restart, restore         program
/// timeout              medium    restart, reconfigure     program
/// storage-failure      critical  migrate, restore         surroundings
/// resource-excess      medium    reconfigure              program
/// unknown              medium    restore, restart         program
/// </code>
/// </summary>
public static class FailureKinds
{
    /// <summary>All kinds, in their order.</summary>
    public static ImmutableArray<FailureKind> All { get; } = [.. Enum.GetValues<FailureKind>().Where(static kind => kind != FailureKind.Absent)];

    public static FailureSeverity SeverityOf(FailureKind kind) => kind switch
    {
        FailureKind.NodeOffline or FailureKind.StorageFailure => FailureSeverity.Critical,
        FailureKind.NodeDegraded or FailureKind.ProcessCrash or FailureKind.MemoryExhaustion or FailureKind.DiskFull or FailureKind.NetworkFailure or FailureKind.Deadlock => FailureSeverity.High,
        FailureKind.ResourceContention or FailureKind.Timeout or FailureKind.ResourceExcess or FailureKind.Unknown => FailureSeverity.Medium,
        _ => FailureSeverity.Info,
    };

    /// <summary>What is tried, in order, unless a campaign says otherwise.</summary>
    public static ImmutableArray<RecoveryStrategy> StrategiesOf(FailureKind kind) => kind switch
    {
        FailureKind.NodeOffline or FailureKind.StorageFailure => [RecoveryStrategy.Migrate, RecoveryStrategy.Restore],
        FailureKind.NodeDegraded => [RecoveryStrategy.Migrate, RecoveryStrategy.Reconfigure],
        FailureKind.ProcessCrash or FailureKind.Deadlock => [RecoveryStrategy.Restart, RecoveryStrategy.Restore],
        FailureKind.MemoryExhaustion => [RecoveryStrategy.Reconfigure, RecoveryStrategy.Restart],
        FailureKind.DiskFull => [RecoveryStrategy.Ignore],
        FailureKind.ResourceExcess => [RecoveryStrategy.Reconfigure],
        FailureKind.NetworkFailure => [RecoveryStrategy.Restart, RecoveryStrategy.Migrate],
        FailureKind.ResourceContention => [RecoveryStrategy.Reconfigure, RecoveryStrategy.Migrate],
        FailureKind.Timeout => [RecoveryStrategy.Restart, RecoveryStrategy.Reconfigure],
        _ => [RecoveryStrategy.Restore, RecoveryStrategy.Restart],
    };

    /// <summary>It lies in the node, the network or the storage: it is waited for, and is not charged to the program's own tries.</summary>
    public static bool IsOfSurroundings(FailureKind kind) => kind is FailureKind.NodeOffline or FailureKind.NodeDegraded or FailureKind.DiskFull or FailureKind.NetworkFailure
        or FailureKind.ResourceContention or FailureKind.StorageFailure;

    /// <summary>As it stands in campaign files and on the command line: <c>node-offline</c>.</summary>
    public static string NameOf(FailureKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <summary>As it stands in campaign files: <c>partial-restart</c>.</summary>
    public static string NameOf(RecoveryStrategy strategy) => JsonNamingPolicy.KebabCaseLower.ConvertName(strategy.ToString());

    /// <summary>Absent: there is no kind of this name. Underscores do for dashes.</summary>
    public static FailureKind Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = name.Replace('_', '-');
        return All.FirstOrDefault(kind => string.Equals(NameOf(kind), plain, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Absent: there is no strategy of this name. Underscores do for dashes.</summary>
    public static RecoveryStrategy ParseStrategy(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = name.Replace('_', '-');
        plain = plain == "restore-checkpoint" ? "restore" : plain;
        return Enum.GetValues<RecoveryStrategy>().FirstOrDefault(strategy => strategy != RecoveryStrategy.Absent && string.Equals(NameOf(strategy), plain, StringComparison.OrdinalIgnoreCase));
    }
}
