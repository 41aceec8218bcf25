using Orchestrator.Cli.Commands;
using Orchestrator.Client.Events;
using Orchestrator.Core.Events;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Usage;

namespace Orchestrator.Cli.Usage;

/// <summary>Where a command gets from what was used: logs of batch systems, or the service.</summary>
internal static class UsageFiles
{
    /// <exception cref="CommandException">A file cannot be read, with all that is wrong in it.</exception>
    public static UsageImport Read(IReadOnlyCollection<string> paths)
    {
        var imports = new List<UsageImport>();
        foreach (var path in paths)
        {
            using var file = File.OpenRead(path);
            try
            {
                imports.Add(UsageLogs.Read(file, path));
            }
            catch (WorkloadException fault)
            {
                throw new CommandException(fault.Message, ExitCodes.Unreadable);
            }
        }

        return UsageLogs.Together(imports);
    }

    /// <summary>Attempts that ended, as far as the event log goes back, and what runs, up to now.</summary>
    /// <param name="context">Where the service is.</param>
    /// <param name="planned">What ran when it was asked, which was before this: what has ended since is among the events.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<UsageImport> OfServiceAsync(CommandContext context, IEnumerable<PlannedDemand> planned, CancellationToken cancellationToken)
    {
        var now = context.Clock.GetUtcNow();
        using var client = context.Connect();
        var status = await client.GetStatusAsync(cancellationToken);
        var records = new List<UsageRecord>();
        await foreach (var (_, occurrence) in client.ReadStoredEventsAsync(new EventFilter { Kind = EventKinds.AttemptEnded }, status.LastEvent, cancellationToken))
        {
            if (UsageRecord.Of(occurrence) is { } record)
            {
                records.Add(record);
            }
        }

        return new UsageImport
        {
            Records = [.. records, .. Running(planned, records, now)],
            Until = now,
            Notes = ["attempts that ended, as far as the event log goes back, and what runs, up to now by what it holds: its memory and how busy it is are known when it has ended"],
        };
    }

    /// <summary>What runs, without what is among those that ended.</summary>
    internal static IEnumerable<UsageRecord> Running(IEnumerable<PlannedDemand> planned, IEnumerable<UsageRecord> ended, DateTimeOffset now)
    {
        var ends = ended.GroupBy(static record => (record.Simulation, record.Stage)).ToDictionary(static group => group.Key, static group => group.Max(static record => record.Until));
        return planned.Select(demand => UsageRecord.Running(demand, now)).OfType<UsageRecord>().Where(record => !ends.TryGetValue((record.Simulation, record.Stage), out var end) || end <= record.From);
    }
}
