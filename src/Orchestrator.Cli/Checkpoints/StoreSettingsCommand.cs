using System.CommandLine;
using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Checkpoints;

/// <summary><c>orchestrator checkpoint store</c>: how large the store of a data directory may become, and where its checkpoints go besides.</summary>
internal static class StoreSettingsCommand
{
    private const string Nothing = "none";
    private const int SlotsMax = 64;

    public static Command Create()
    {
        var quota = new Option<string?>("--quota") { Description = "How large the store may become, like 500G, or none. Beyond it older checkpoints are pruned, smaller ones asked for, and the rest stays in place.", HelpName = "SIZE" };
        var leaveFree = new Option<string?>("--leave-free") { Description = "How much of its disk stays free. Default: 64M.", HelpName = "SIZE" };
        var flushTo = new Option<string?>("--flush-to") { Description = "A store on another tier, made where there is none, to which every checkpoint is copied beside the running programs, or none.", HelpName = "DIRECTORY" };
        var slots = new Option<int?>("--flush-slots") { Description = "How many agents copy to it at once, 1 to 64. Default: 2.", HelpName = "N" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "store", "Show or change how the checkpoint store of the data directory is used, by all simulations with `store: copy` together. Agents follow with their next checkpoint.",
            ["orchestrator checkpoint store", "orchestrator checkpoint store --quota 500G --flush-to /archive/study --flush-slots 4"],
            DocumentedCommand.Done, DocumentedCommand.Usage)
        {
            quota, leaveFree, flushTo, slots, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, (context, parsed, cancellationToken) =>
        {
            StoreSettings settings;
            try
            {
                settings = StoreSettings.Read(context.Data);
            }
            catch (StoreException) when (parsed.GetValue(quota) is not null || parsed.GetValue(flushTo) is not null)
            {
                settings = new();
            }

            var changed = settings with
            {
                Quota = parsed.GetValue(quota) switch { null => settings.Quota, Nothing => null, var size => ParseSize("--quota", size) },
                LeaveFree = parsed.GetValue(leaveFree) is { } free ? ParseSize("--leave-free", free) : settings.LeaveFree,
                FlushTo = parsed.GetValue(flushTo) switch { null => settings.FlushTo, Nothing => null, var far => Path.GetFullPath(far) },
                FlushSlots = parsed.GetValue(slots) switch
                {
                    null => settings.FlushSlots,
                    >= 1 and <= SlotsMax and var many => many,
                    var many => throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"--flush-slots {many}: 1 to {SlotsMax} are allowed"), ExitCodes.Unreadable),
                },
            };
            if (changed != settings)
            {
                if (changed.FlushTo is { } to && changed.FlushTo != settings.FlushTo)
                {
                    // Now, and not with a checkpoint in the night: whether there can be a store.
                    try
                    {
                        ChunkStore.Open(new DirectoryFiles(to), create: true);
                    }
                    catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
                    {
                        throw new CommandException($"--flush-to {to}: {unusable.Message}", ExitCodes.Unreadable);
                    }
                }

                Directory.CreateDirectory(context.Data);
                changed.Write(context.Data);
            }

            var store = Path.Combine(context.Data, CheckpointCopies.StoreDirectory);
            var used = Directory.Exists(store) ? ChunkStore.Open(new DirectoryFiles(store)).Measure() : null;
            if (context.Json)
            {
                context.WriteJson(new { changed.Quota, changed.LeaveFree, changed.FlushTo, changed.FlushSlots, Used = used });
            }
            else
            {
                context.Output.WriteLine(used is null
                    ? "nothing stored yet"
                    : string.Create(CultureInfo.InvariantCulture, $"{used.Checkpoints} checkpoints, {Words.Bytes(used.Logical)} in {Words.Bytes(used.Stored + used.Index)}"));
                context.Output.WriteLine($"quota {(changed.Quota is { } most ? Words.Bytes(most) : Nothing)}, {Words.Bytes(changed.LeaveFree)} of the disk stay free");
                context.Output.WriteLine(changed.FlushTo is { } there
                    ? string.Create(CultureInfo.InvariantCulture, $"every checkpoint is copied to {there}, by at most {changed.FlushSlots} agents at once")
                    : "nothing is copied to another tier");
            }

            return Task.FromResult(ExitCodes.Success);
        }));
        return command;
    }

    private static long ParseSize(string option, string text) =>
        SizeText.TryParse(text, out var bytes, out var problem) ? bytes : throw new CommandException($"{option} {text}: {problem}; {SizeText.Allowed} is allowed", ExitCodes.Unreadable);
}
