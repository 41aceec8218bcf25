using Orchestrator.Cli.Commands;
using Orchestrator.Client.Events;
using Orchestrator.Core.Events;
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

    /// <summary>Attempts that ended, as far as the event log goes back.</summary>
    public static async Task<UsageImport> OfServiceAsync(CommandContext context, CancellationToken cancellationToken)
    {
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

        return new UsageImport { Records = [.. records], Notes = ["attempts that ended, as far as the event log goes back; what runs is not counted yet"] };
    }
}
