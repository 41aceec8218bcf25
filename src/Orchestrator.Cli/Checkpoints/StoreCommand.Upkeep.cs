using System.CommandLine;
using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Checkpoints;

/// <content>Commands that look after a store: is all of it right, is it at the far tier, what may go, what does it hold?</content>
internal static partial class StoreCommand
{
    private static DocumentedCommand Verify()
    {
        var id = new Argument<string?>("ID") { Description = "One checkpoint; else all of them.", Arity = ArgumentArity.ZeroOrOne };
        var store = Store();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "verify", "Read every chunk and compare. Damage is noted in the store, so that the next checkpoint with the same bytes heals the earlier ones.",
            ["orchestrator checkpoint verify --store /scratch/store"], (ExitCodes.Success, "all is whole"), Damaged, DocumentedCommand.Usage, NoStore)
        {
            id, store, json,
        };
        command.SetAction(Action(json, (context, parsed, cancellationToken) =>
        {
            var opened = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)));
            VerifyResult result;
            using (var line = new StoreProgressLine(context))
            {
                result = opened.Verify(parsed.GetValue(id) is { } one ? opened.Find(one) : null, line, cancellationToken);
            }

            if (context.Json)
            {
                context.WriteJson(result);
            }
            else
            {
                foreach (var finding in result.Findings)
                {
                    context.Output.WriteLine(finding);
                }

                foreach (var (damaged, reason) in result.Damaged)
                {
                    context.Output.WriteLine($"{damaged} is damaged: {reason}");
                }

                context.Output.WriteLine($"{result.Intact.Count} checkpoints are whole, {result.Damaged.Count} damaged; {result.Chunks} chunks, {Words.Bytes(result.Read)} read");
            }

            return result.Damaged.Count > 0 ? ExitCodes.Invalid : ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Flush()
    {
        var id = new Argument<string>("ID") { Description = "A checkpoint, the beginning of its id, or a name for its newest." };
        var store = Store();
        var to = new Option<string>("--to") { Description = "The directory of the other store; made when it is missing.", HelpName = "DIRECTORY", Required = true };
        var slots = new Option<int>("--slots") { Description = "At most so many processes flush to the other store at once; others wait. Default: 2.", HelpName = "N", DefaultValueFactory = _ => 2 };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "flush", "Copy a checkpoint to a store of a slower, safer tier: what it lacks, each chunk proven.",
            ["orchestrator checkpoint flush --store /local/store --to /project/store climate"], DocumentedCommand.Done, Damaged, DocumentedCommand.Usage, NoStore, Full)
        {
            id, store, to, slots, json,
        };
        command.SetAction(Action(json, (context, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(slots) is var wanted && wanted < 1)
            {
                throw new FormatException($"--slots is {wanted}; it must be 1 or more.");
            }

            var near = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)));
            var found = near.Find(parsed.GetRequiredValue(id));
            var far = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(to)), create: true);
            FlushResult result;
            using (var line = new StoreProgressLine(context))
            using (FlushSlot.Take(far, wanted, cancellationToken))
            {
                result = near.Flush(found, far, line, cancellationToken);
            }

            if (context.Json)
            {
                context.WriteJson(result);
            }
            else
            {
                context.Output.WriteLine($"{result.Id} is in {Path.GetFullPath(parsed.GetRequiredValue(to))}: {result.Chunks} chunks, {Words.Bytes(result.Copied)} copied");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Prune()
    {
        var store = Store();
        var ids = new Option<string[]>("--id") { Description = "A checkpoint that goes, by its whole id; can be repeated.", HelpName = "ID" };
        var name = new Option<string?>("--name") { Description = "Only checkpoints of this name.", HelpName = "NAME" };
        var last = Keep("--keep-last", "Keep the newest N of each name.");
        var daily = Keep("--keep-daily", "Keep the newest of each of the last N days that have any.");
        var weekly = Keep("--keep-weekly", "Keep the newest of each of the last N weeks that have any.");
        var monthly = Keep("--keep-monthly", "Keep the newest of each of the last N months that have any.");
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "prune",
            "Delete checkpoints, and give back the space that no other needs. Pinned ones stay, and of each name the newest proven one, or the newest. Without options only space is given back.",
            ["orchestrator checkpoint prune --store /scratch/store --keep-last 3 --keep-daily 7", "orchestrator checkpoint prune --store /scratch/store --id climate-000012-3fa9c1d2"],
            DocumentedCommand.Done, DocumentedCommand.Usage, NoStore, (ExitCodes.Refused, "a checkpoint named by --id stays, or another process collects"))
        {
            store, ids, name, last, daily, weekly, monthly, json,
        };
        command.SetAction(Action(json, (context, parsed, cancellationToken) =>
        {
            var opened = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)));
            var named = (parsed.GetValue(ids) ?? []).Select(id => opened.Contains(id)
                ? id
                : throw new NoSuchCheckpointException($"There is no checkpoint '{id}' in {parsed.GetRequiredValue(store)}. What is deleted is named by its whole id; `checkpoint list` tells them.")).ToList();
            var doomed = named.ToList();
            var retention = new Retention { Last = parsed.GetValue(last) ?? 0, Daily = parsed.GetValue(daily) ?? 0, Weekly = parsed.GetValue(weekly) ?? 0, Monthly = parsed.GetValue(monthly) ?? 0 };
            if (retention != new Retention())
            {
                doomed.AddRange(retention.Excess([.. opened.List().Where(checkpoint => parsed.GetValue(name) is not { } only || checkpoint.Name == only)]));
            }

            var pruned = opened.Prune(doomed);
            var collected = opened.Collect(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { pruned.Gone, pruned.Kept, collected.Freed, collected.Copied, collected.Waiting, collected.WaitFor, collected.Rebuilt });
            }
            else
            {
                foreach (var (kept, reason) in pruned.Kept)
                {
                    context.Output.WriteLine($"{kept} stays: {reason}");
                }

                context.Output.WriteLine($"{pruned.Gone.Count} checkpoints are gone, {Words.Bytes(collected.Freed)} given back{(collected.Copied > 0 ? $" at the price of {Words.Bytes(collected.Copied)} copied" : "")}");
                if (collected.Waiting > 0)
                {
                    context.Output.WriteLine($"{Words.Bytes(collected.Waiting)} wait until nobody can need them, for {string.Join(", ", collected.WaitFor)}; the next prune gives them back");
                }
            }

            return named.Any(pruned.Kept.ContainsKey) ? ExitCodes.Refused : ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Pin()
    {
        var id = new Argument<string>("ID") { Description = "A checkpoint, the beginning of its id, or a name for its newest." };
        var store = Store();
        var off = new Option<bool>("--off") { Description = "No longer." };
        var proven = new Option<bool>("--proven") { Description = "Say instead that a restart went past it: the newest such one of a name always stays." };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "pin", "Keep a checkpoint whatever is pruned.", ["orchestrator checkpoint pin --store /scratch/store climate-000012-3fa9c1d2"], DocumentedCommand.Done, DocumentedCommand.Usage, NoStore)
        {
            id, store, off, proven, json,
        };
        command.SetAction(Action(json, (context, parsed, _) =>
        {
            var opened = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store)));
            var (found, set) = (opened.Find(parsed.GetRequiredValue(id)), !parsed.GetValue(off));
            if (parsed.GetValue(proven))
            {
                opened.Prove(found, set);
            }
            else
            {
                opened.Pin(found, set);
            }

            if (context.Json)
            {
                context.WriteJson(opened.List().Single(checkpoint => checkpoint.Id == found));
            }
            else
            {
                context.Output.WriteLine($"{found} is {(set ? "" : "no longer ")}{(parsed.GetValue(proven) ? "proven" : "pinned")}");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Stats()
    {
        var store = Store();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("stats", "Say what a store holds and takes.", ["orchestrator checkpoint stats --store /scratch/store --json"], DocumentedCommand.Done, DocumentedCommand.Usage, NoStore)
        {
            store, json,
        };
        command.SetAction(Action(json, (context, parsed, _) =>
        {
            var began = context.Clock.GetTimestamp();
            var measured = ChunkStore.Open(new DirectoryFiles(parsed.GetRequiredValue(store))).Measure();
            var seconds = context.Clock.GetElapsedTime(began).TotalSeconds;
            if (context.Json)
            {
                context.WriteJson(new { measured.Checkpoints, measured.Logical, measured.Stored, measured.Index, measured.Chunks, measured.Packs, measured.Condemned, measured.Leases, Seconds = seconds });
                return ExitCodes.Success;
            }

            context.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{measured.Checkpoints} checkpoints of {Words.Bytes(measured.Logical)} together take {Words.Bytes(measured.Stored)} in {measured.Packs} packs with {measured.Chunks} chunks, and {Words.Bytes(measured.Index)} of index and manifests"));
            if (measured.Condemned > 0)
            {
                context.Output.WriteLine($"{Words.Bytes(measured.Condemned)} wait for the next prune");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static Option<int?> Keep(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < 0)
            {
                result.AddError($"{name} is {number}; it must be 0 or more.");
            }
        });
        return option;
    }

    private static long ParseSize(string text)
    {
        const string units = "KMGTP";
        var unit = text.Length > 0 ? units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) : -1;
        return long.TryParse(unit < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= long.MaxValue >> (10 * (unit + 1))
            ? number << (10 * (unit + 1))
            : throw new FormatException($"--quota is '{text}'; it must be a whole number of bytes, or one with K, M, G, T or P.");
    }
}
