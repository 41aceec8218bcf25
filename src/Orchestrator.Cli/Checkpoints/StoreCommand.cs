using System.CommandLine;
using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Cli.Checkpoints;

/// <summary><c>orchestrator checkpoint put|get|list|verify|flush|prune|stats|pin --store DIR</c>: the store alone, on any directory, without a silo.</summary>
internal static partial class StoreCommand
{
    private static readonly (int Status, string Meaning) NoStore = (ExitCodes.NotFound, "no store, no such checkpoint, or nothing to store");
    private static readonly (int Status, string Meaning) Damaged = (ExitCodes.Invalid, "something is damaged");
    private static readonly (int Status, string Meaning) Full = (ExitCodes.Refused, "refused: no room, or another process is at it");

    /// <summary>The commands below `checkpoint` that need a store and nothing else.</summary>
    public static void AddTo(Command checkpoint)
    {
        checkpoint.Add(Put());
        checkpoint.Add(Get());
        checkpoint.Add(List());
        checkpoint.Add(Verify());
        checkpoint.Add(Flush());
        checkpoint.Add(Prune());
        checkpoint.Add(Pin());
        checkpoint.Add(Stats());
    }

    private static Option<string> Store() => new("--store") { Description = "The directory of the store.", HelpName = "DIRECTORY", Required = true };

    private static DocumentedCommand Put()
    {
        var path = new Argument<string>("PATH") { Description = "A directory, or one file." };
        var store = Store();
        var name = new Option<string>("--name") { Description = "What successive checkpoints have in common.", HelpName = "NAME", Required = true };
        var compression = new Option<string?>("--compression") { Description = $"none, gzip, brotli, zstd or lz4, with a level like zstd:3. Default here: {CompressionChoice.Default}.", HelpName = "COMPRESSION" };
        var chunking = new Option<Chunking>("--chunking") { Description = "How files are cut. Default: measured, file by file." };
        var incremental = new Option<bool>("--incremental") { Description = "Take files whose size, time and inode did not change from the checkpoint before, unread." };
        var critical = new Option<string[]>("--critical") { Description = "Store only files that match, with * and ?; can be repeated.", HelpName = "PATTERN" };
        var metadata = new Option<bool>("--metadata-only") { Description = "Store names, sizes and times, and no bytes." };
        var quota = new Option<string?>("--quota") { Description = "How large the store may become, like 500G.", HelpName = "SIZE" };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "put", "Store a checkpoint. When this returns, it is on the disk.",
            ["orchestrator checkpoint put --store /scratch/store --name climate run/checkpoints/step-2000", "orchestrator checkpoint put --store s --name big --incremental --compression lz4 state"],
            DocumentedCommand.Done, DocumentedCommand.Usage, NoStore, Full, (ExitCodes.Interrupted, "interrupted; nothing is stored"))
        {
            path, store, name, compression, chunking, incremental, critical, metadata, quota, json,
        };
        command.SetAction(Action(json, (context, parsed, cancellationToken) =>
        {
            var began = context.Clock.GetTimestamp();
            var opened = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)), create: true);
            var patterns = parsed.GetValue(critical) ?? [];
            using var line = new StoreProgressLine(context);
            var result = opened.Put(
                new()
                {
                    Name = parsed.GetRequiredValue(name),
                    Path = parsed.GetRequiredValue(path),
                    Kind = parsed.GetValue(metadata) ? CheckpointKind.MetadataOnly
                        : patterns.Length > 0 ? CheckpointKind.CriticalState
                        : parsed.GetValue(incremental) ? CheckpointKind.Incremental : CheckpointKind.Full,
                    Compression = parsed.GetValue(compression) is { } wanted ? CompressionChoice.Parse(wanted) : CompressionChoice.Default,
                    Chunking = parsed.GetValue(chunking),
                    Critical = patterns,
                    Quota = parsed.GetValue(quota) is { } size ? ParseSize(size) : null,
                    Progress = line,
                },
                cancellationToken);
            line.Dispose();
            var seconds = context.Clock.GetElapsedTime(began).TotalSeconds;
            if (context.Json)
            {
                context.WriteJson(new
                {
                    result.Checkpoint.Id, result.Checkpoint.Kind, result.Checkpoint.Files, Logical = result.Checkpoint.Bytes, result.Read, result.Stored, result.Checkpoint.Chunks, result.NewChunks,
                    result.Unchanged, result.Skipped, result.ManifestHash, Seconds = seconds,
                });
            }
            else
            {
                context.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{result.Checkpoint.Id}: {result.Checkpoint.Files} files, {Words.Bytes(result.Checkpoint.Bytes)}, of which {Words.Bytes(result.Stored)} new in the store, in {seconds:0.0} s"));
            }

            foreach (var skipped in result.Skipped)
            {
                context.Error.WriteLine($"{skipped} is a socket, pipe or device: it is not part of the checkpoint");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Get()
    {
        var id = new Argument<string>("ID") { Description = "A checkpoint, or the beginning of its id; or a name: then the newest one that is whole." };
        var target = new Argument<string>("TARGET") { Description = "A directory that is missing or empty." };
        var store = Store();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "get", "Restore a checkpoint: whole and proven, or not at all.",
            ["orchestrator checkpoint get --store /scratch/store climate restored", "orchestrator checkpoint get --store /scratch/store climate-000012-3fa9c1d2 restored"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "the checkpoint is damaged, and for a name all of them"), DocumentedCommand.Usage, NoStore, (ExitCodes.Interrupted, "interrupted; nothing is restored"))
        {
            id, target, store, json,
        };
        command.SetAction(Action(json, (context, parsed, cancellationToken) =>
        {
            var began = context.Clock.GetTimestamp();
            var opened = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)));
            GetResult result;
            using (var line = new StoreProgressLine(context))
            {
                result = opened.GetNewest(
                    parsed.GetRequiredValue(id), parsed.GetRequiredValue(target), (damaged, reason) => context.Error.WriteLine($"{damaged} is passed over: {reason}"), line, cancellationToken);
            }

            var seconds = context.Clock.GetElapsedTime(began).TotalSeconds;
            if (context.Json)
            {
                context.WriteJson(new { result.Checkpoint.Id, result.Target, Logical = result.Checkpoint.Bytes, result.Read, Seconds = seconds });
            }
            else
            {
                context.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{result.Checkpoint.Id} is in {result.Target}: {result.Checkpoint.Files} files, {Words.Bytes(result.Checkpoint.Bytes)}, every chunk proven, in {seconds:0.0} s"));
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand List()
    {
        var store = Store();
        var name = new Option<string?>("--name") { Description = "Only the checkpoints of this name.", HelpName = "NAME" };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the checkpoints of a store.", ["orchestrator checkpoint list --store /scratch/store"], DocumentedCommand.Done, DocumentedCommand.Usage, NoStore)
        {
            store, name, json,
        };
        command.SetAction(Action(json, (context, parsed, _) =>
        {
            var wanted = parsed.GetValue(name);
            var all = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store))).List().Where(checkpoint => wanted is null || checkpoint.Name == wanted).ToList();
            if (context.Json)
            {
                context.WriteJson(all);
                return ExitCodes.Success;
            }

            var table = new TextTable("ID", "KIND", "TAKEN", "FILES", "SIZE", "NOTE");
            foreach (var checkpoint in all)
            {
                table.Add(
                    checkpoint.Id,
                    checkpoint.Checkpoint?.Kind.ToString() ?? "?",
                    checkpoint.Checkpoint?.TakenAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "?",
                    checkpoint.Checkpoint?.Files.ToString(CultureInfo.InvariantCulture) ?? "?",
                    checkpoint.Checkpoint is { } known ? Words.Bytes(known.Bytes) : "?",
                    string.Join(", ", new[] { checkpoint.Pinned ? "pinned" : "", checkpoint.Proven ? "proven" : "", checkpoint.Checkpoint is null ? "unreadable" : "" }.Where(note => note.Length > 0)));
            }

            table.Write(context.Output, context.Style);
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>The one place where what a store refuses becomes one line and an exit status.</summary>
    private static Func<ParseResult, CancellationToken, Task<int>> Action(Option<bool> json, Func<CommandContext, ParseResult, CancellationToken, int> run) =>
        CommandContext.Action(null, json, (context, parsed, cancellationToken) =>
        {
            using var interrupt = new Interrupt(cancellationToken);
            try
            {
                return Task.FromResult(run(context, parsed, interrupt.First));
            }
            catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
            {
                return Task.FromResult(ExitCodes.Interrupted);
            }
            catch (Exception refusal) when (refusal is StoreException or FormatException)
            {
                throw new CommandException(refusal.Message, refusal switch
                {
                    NoSuchCheckpointException => ExitCodes.NotFound,
                    DamagedCheckpointException => ExitCodes.Invalid,
                    StoreFullException or StoreBusyException => ExitCodes.Refused,
                    _ => ExitCodes.Unreadable,
                });
            }
        });
}
