using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Core.Checkpoints;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads <c>checkpoint:</c>, when checkpoints are made, which files are in them and which are kept, over what is already given.</summary>
internal sealed class CheckpointReader(Placeholders placeholders, ProblemList problems)
{
    private static readonly TimeSpan HybridInterval = TimeSpan.FromHours(1);

    public CheckpointPolicy Read(MappingReader parent, CheckpointPolicy given, string? stage)
    {
        if (parent.Value("checkpoint") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("checkpoint"), problems, CampaignKeys.Checkpoint);
        if (reader.Choice("level", ResilienceLevel.Absent) is not ResilienceLevel.Absent and var level)
        {
            given = ResilienceLevels.Apply(given, level);
        }

        return ReadEvery(reader, ReadKeep(reader, ReadCompletion(reader, given with
        {
            MaxLoss = reader.Duration("max_loss", given.MaxLoss)!.Value,
            OverheadMax = reader.Percent("overhead", given.OverheadMax),
            On = ReadEvents(reader, given.On),
            Smaller = reader.Choice("smaller", given.Smaller),
            Files = reader.Value("files") is null ? given.Files : placeholders.Files(reader, "files", stage),
            Verify = placeholders.Text(reader, "verify", "a shell line; {path} is the checkpoint", stage, "path") ?? given.Verify,
            ReadBack = reader.Flag("read_back", given.ReadBack),
            Store = reader.Choice("store", given.Store),
        }, stage)));
    }

    private static CheckpointPolicy ReadEvery(MappingReader reader, CheckpointPolicy given)
    {
        const string Allowed = "adaptive, program, event, hybrid, a share of the progress (5%), or " + DurationText.Allowed;
        given = given with
        {
            Interval = reader.Duration("interval", given.Interval)!.Value,
            ProgressDelta = reader.Percent("progress", given.ProgressDelta),
        };
        switch (reader.Text("every", Allowed))
        {
            case null:
                return given;
            case "adaptive":
                return given with { Every = CheckpointTrigger.Adaptive, Interval = default };
            case "program":
                return given with { Every = CheckpointTrigger.Program, Interval = default };
            case "event":
                return given with { Every = CheckpointTrigger.Event, Interval = default };
            case "hybrid":
                return given with { Every = CheckpointTrigger.Hybrid, Interval = given.Interval > TimeSpan.Zero ? given.Interval : HybridInterval };
            case ['0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9' or '.', .., '%']:
                return given with { Every = CheckpointTrigger.Progress, Interval = default, ProgressDelta = reader.Percent("every", given.ProgressDelta) };
            case var text when DurationText.TryParse(text, out var interval, out var problem) || !Refused(reader, "every", problem, Allowed):
                return given with { Every = CheckpointTrigger.Periodic, Interval = interval };
            default:
                return given;
        }
    }

    private CheckpointPolicy ReadCompletion(MappingReader parent, CheckpointPolicy given, string? stage)
    {
        if (parent.Value("complete_when") is not YamlMappingNode node)
        {
            var plain = parent.Choice("complete_when", given.CompleteWhen);
            if (plain is CheckpointCompletion.Count or CheckpointCompletion.Pattern && plain != given.CompleteWhen)
            {
                parent.Refuse("complete_when", $"\"{(plain == CheckpointCompletion.Count ? "count" : "pattern")}\" needs a value", "{ count: NUMBER }, { pattern: EXPRESSION, in: FILE }");
                return given;
            }

            return given with { CompleteWhen = plain };
        }

        var reader = new MappingReader(node, parent.PathOf("complete_when"), problems, CampaignKeys.CompleteWhen);
        if (reader.Value("count") is not null)
        {
            return given with { CompleteWhen = CheckpointCompletion.Count, CompleteCount = reader.Count("count", 1, 1_000_000, 1) };
        }

        const string Allowed = "a regular expression of one line";
        reader.Require("pattern", Allowed);
        if (reader.Text("pattern", Allowed) is not { } pattern)
        {
            return given;
        }

        try
        {
            _ = Regex.Match("", pattern);
        }
        catch (ArgumentException wrong)
        {
            reader.Refuse("pattern", $"\"{pattern}\" is no regular expression: {wrong.Message}", Allowed);
        }

        return given with { CompleteWhen = CheckpointCompletion.Pattern, CompletePattern = pattern, CompleteIn = placeholders.Files(reader, "in", stage) is [var file, ..] ? file : null };
    }

    private CheckpointPolicy ReadKeep(MappingReader parent, CheckpointPolicy given)
    {
        if (parent.Value("keep") is not YamlMappingNode node)
        {
            return given with { KeepRecent = parent.Count("keep", 2, 1000, given.KeepRecent) };
        }

        const int OlderMax = 200;
        var reader = new MappingReader(node, parent.PathOf("keep"), problems, CampaignKeys.Keep);
        return given with
        {
            KeepRecent = reader.Count("recent", 2, 1000, given.KeepRecent),
            Retention = new()
            {
                Daily = reader.Count("daily", 0, OlderMax, given.Retention.Daily),
                Weekly = reader.Count("weekly", 0, OlderMax, given.Retention.Weekly),
                Monthly = reader.Count("monthly", 0, OlderMax, given.Retention.Monthly),
                EveryNth = reader.Count("every", 0, 1_000_000, given.Retention.EveryNth),
                BytesMax = reader.Size("size", given.Retention.BytesMax),
            },
        };
    }

    private static ImmutableArray<CheckpointEvent> ReadEvents(MappingReader reader, ImmutableArray<CheckpointEvent> given)
    {
        var words = MappingReader.Words<CheckpointEvent>();
        var allowed = string.Join(", ", words.Keys);
        if (reader.Value("on") is null)
        {
            return given;
        }

        var events = ImmutableArray.CreateBuilder<CheckpointEvent>();
        foreach (var (_, _, text) in reader.Texts("on", allowed))
        {
            if (words.TryGetValue(text, out var happened))
            {
                events.Add(happened);
            }
            else
            {
                reader.Refuse("on", $"\"{text}\" is none of the events", allowed);
            }
        }

        return events.ToImmutable();
    }

    private static bool Refused(MappingReader reader, string key, string problem, string allowed)
    {
        reader.Refuse(key, problem, allowed);
        return true;
    }
}
