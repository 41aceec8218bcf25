using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads one stage, or the defaults of all, over what is already given.</summary>
internal sealed partial class StageReader(IReadOnlyCollection<string> stages, Placeholders placeholders, ProblemList problems)
{
    private const string FilesAllowed = "paths relative to the run directory, without ..";

    private static readonly TimeSpan HybridInterval = TimeSpan.FromHours(1);

    private static readonly TimeSpan NeverStalls = TimeSpan.FromDays(36_500);

    private static readonly ImmutableArray<string> NotWithTasks = ["run", "restart", "outputs", "appends", "repeat", "chunks", "sweep", "kind", "checkpoint", "preview", "signals"];

    private static readonly ImmutableArray<string> Signals = ["USR1", "USR2", "HUP", "INT", "QUIT", "ALRM", "URG", "WINCH", "CONT"];

    public StageDefinition ReadDefaults(YamlNode node) => ReadShared(new(node, "defaults", problems, CampaignKeys.Shared), new(), null);

    public StageDefinition Read(string name, YamlNode node, StageDefinition defaults, StageParts? parts = null)
    {
        var reader = new MappingReader(node, $"stages.{name}", problems, CampaignKeys.Stage);
        const string Command = "a shell line";
        var kind = reader.Choice("kind", StageKind.Work);
        var hasTasks = reader.Value("tasks") is not null;
        if (hasTasks)
        {
            foreach (var key in NotWithTasks.Where(key => reader.Value(key) is not null))
            {
                reader.Refuse(key, "a stage with tasks has none", $"none of {string.Join(", ", NotWithTasks)} beside tasks");
            }
        }
        else if (kind != StageKind.Barrier)
        {
            reader.Require("run", Command);
        }
        else if (reader.Value("run") is not null)
        {
            reader.Refuse("run", "a barrier runs nothing", "no \"run\", or another kind");
        }

        var edges = new EdgeReader(stages, problems);
        var (join, joinCount) = EdgeReader.ReadJoin(reader);
        var shared = ReadShared(reader, defaults, name);
        if (hasTasks)
        {
            shared = ForTasks(reader, shared);
        }

        return shared with
        {
            Tasks = new TaskSetReader(placeholders, shared.Resources, shared.Walltime, problems).Read(reader, name),
            Name = name,
            Kind = kind == StageKind.Work ? StageKind.Absent : kind,
            Join = join,
            JoinCount = joinCount,
            Trigger = edges.ReadTrigger(reader),
            Run = hasTasks ? TaskSetDefinition.WorkerProgram : Checked(reader, "run", Command, name) ?? "",
            Restart = Checked(reader, "restart", Command, name),
            After = edges.ReadAfter(reader, "after", name, parts?.Same),
            Outputs = Files(reader, "outputs", name),
            Appends = Files(reader, "appends", name),
        };
    }

    /// <summary>A worker of tasks saves nothing: what ended has ended. That too many failed is no reason to begin again.</summary>
    private static StageDefinition ForTasks(MappingReader reader, StageDefinition given)
    {
        if (given.Resources.Nodes > 1)
        {
            reader.Refuse("nodes", $"a worker of tasks has one node, not {given.Resources.Nodes}", "1, and \"workers\" of the tasks for more");
        }

        return given with
        {
            Checkpoint = new() { Every = CheckpointTrigger.Program },
            Signals = null,
            Preview = null,

            // Between two ends there may be as long as a task lasts, and each task has a limit of its own.
            StallAfter = given.StallAfter ?? NeverStalls,
            OnExit = given.OnExit.ContainsKey(TaskSetDefinition.TooManyFailed) ? given.OnExit : given.OnExit.Add(TaskSetDefinition.TooManyFailed, ExitMeaning.HardFail),
        };
    }

    private StageDefinition ReadShared(MappingReader reader, StageDefinition given, string? stage) => given with
    {
        Resources = new ResourceReader(problems).Read(reader, given.Resources),
        Walltime = reader.Duration("walltime", given.Walltime),
        EstimatedDuration = reader.Duration("duration", given.EstimatedDuration)!.Value,
        Checkpoint = ReadCheckpoint(reader, given.Checkpoint, stage),
        Preview = ReadPreview(reader, given.Preview),
        Signals = ReadSignals(reader, given.Signals),
        OnExit = ReadOnExit(reader, given.OnExit),
        Retry = new RecoveryReader(problems).ReadWaits(reader, given.Retry with { RetriesMax = reader.Count("retries", 0, 100, given.Retry.RetriesMax) }),
        Recovery = new RecoveryReader(problems).Read(reader, given.Recovery, (own, variables) => ReadEnvironment(own, variables, stage)),
        Environment = ReadEnvironment(reader, given.Environment, stage),
        Grace = reader.Duration("grace", given.Grace)!.Value,
        StallAfter = reader.Duration("stall_after", given.StallAfter),
        WritesSharedPaths = reader.Flag("writes_shared_paths", given.WritesSharedPaths),
        KeepRuns = ReadKept(reader, "keep_runs", given.KeepRuns),
        KeepLogs = ReadKept(reader, "keep_logs", given.KeepLogs),
        OnExcess = reader.Choice("on_excess", given.OnExcess),
        JobType = ReadJobType(reader, given.JobType),
        Data = SiteName.ReadAll(reader, problems, "data", "name of data", given.Data),
        EnergyIntensive = reader.Flag("energy_intensive", given.EnergyIntensive),
    };

    /// <summary>A number of attempts, or all of them: below 0.</summary>
    private static int? ReadKept(MappingReader reader, string key, int? given)
    {
        const int Max = 1000;
        const string Allowed = "a whole number from 0 to 1000, or all";
        switch (reader.Text(key, Allowed))
        {
            case null:
                return given;
            case "all":
                return -1;
            case var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Max:
                return count;
            case var text:
                reader.Refuse(key, $"\"{text}\" is not in range", Allowed);
                return given;
        }
    }

    private static string ReadJobType(MappingReader reader, string given)
    {
        const string Allowed = "1 to 60 letters, digits, '.', '_', '-' and '/'";
        if (reader.Text("job_type", Allowed) is not { } text)
        {
            return given;
        }

        if (JobTypeShape().IsMatch(text))
        {
            return text;
        }

        reader.Refuse("job_type", $"\"{text}\" is no kind of work", Allowed);
        return given;
    }

    private CheckpointPolicy ReadCheckpoint(MappingReader parent, CheckpointPolicy given, string? stage)
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
            OverheadMax = ReadPercent(reader, "overhead", given.OverheadMax),
            On = ReadEvents(reader, given.On),
            Smaller = reader.Choice("smaller", given.Smaller),
            Files = reader.Value("files") is null ? given.Files : Files(reader, "files", stage),
            Verify = Checked(reader, "verify", "a shell line; {path} is the checkpoint", stage, "path") ?? given.Verify,
            ReadBack = reader.Flag("read_back", given.ReadBack),
            Store = reader.Choice("store", given.Store),
        }, stage)));
    }

    private PreviewPolicy? ReadPreview(MappingReader parent, PreviewPolicy? given)
    {
        if (parent.Value("preview") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("preview"), problems, CampaignKeys.Preview);
        given ??= new();
        var every = reader.Duration("every", given.Every)!.Value;
        if (every < PreviewPolicy.EveryMin)
        {
            reader.Refuse("every", "it is no time between two previews", "at least 1s");
            every = given.Every;
        }

        return given with
        {
            Enabled = reader.Flag("enabled", given.Enabled),
            Every = every,
            Levels = ReadLevels(reader, given.Levels),
            OverheadMax = ReadPercent(reader, "overhead", given.OverheadMax),
        };
    }

    private static ImmutableArray<int> ReadLevels(MappingReader reader, ImmutableArray<int> given)
    {
        const string Allowed = "whole percents from 1 to 99, each above the one before, 20 at most";
        if (reader.Value("levels") is null)
        {
            return given;
        }

        var levels = ImmutableArray.CreateBuilder<int>();
        foreach (var (_, _, text) in reader.Texts("levels", Allowed))
        {
            if (int.TryParse(text.EndsWith('%') ? text[..^1].TrimEnd() : text, NumberStyles.None, CultureInfo.InvariantCulture, out var level))
            {
                levels.Add(level);
            }
            else
            {
                reader.Refuse("levels", $"\"{text}\" is no level", Allowed);
                return given;
            }
        }

        var read = levels.ToImmutable();
        if (new PreviewPolicy { Levels = read }.Problem() is null)
        {
            return read;
        }

        reader.Refuse("levels", $"[{string.Join(", ", read)}] are no levels of previews", Allowed);
        return given;
    }

    private static CheckpointPolicy ReadEvery(MappingReader reader, CheckpointPolicy given)
    {
        const string Allowed = "adaptive, program, event, hybrid, a share of the progress (5%), or " + DurationText.Allowed;
        given = given with
        {
            Interval = reader.Duration("interval", given.Interval)!.Value,
            ProgressDelta = ReadPercent(reader, "progress", given.ProgressDelta),
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
                return given with { Every = CheckpointTrigger.Progress, Interval = default, ProgressDelta = ReadPercent(reader, "every", given.ProgressDelta) };
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

        return given with { CompleteWhen = CheckpointCompletion.Pattern, CompletePattern = pattern, CompleteIn = Files(reader, "in", stage) is [var file, ..] ? file : null };
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

    private static double ReadPercent(MappingReader reader, string key, double fallback)
    {
        const string Allowed = "a number with %, above 0 and below 100";
        if (reader.Text(key, Allowed) is not { } text)
        {
            return fallback;
        }

        if (text.EndsWith('%') && double.TryParse(text[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and < 100)
        {
            return percent / 100;
        }

        reader.Refuse(key, $"\"{text}\" is no such share", Allowed);
        return fallback;
    }

    private static bool Refused(MappingReader reader, string key, string problem, string allowed)
    {
        reader.Refuse(key, problem, allowed);
        return true;
    }

    private SignalPolicy? ReadSignals(MappingReader parent, SignalPolicy? given)
    {
        if (parent.Value("signals") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("signals"), problems, CampaignKeys.Signals);
        var allowed = string.Join(", ", Signals);
        var signal = reader.Text("checkpoint", allowed) ?? given?.Checkpoint;
        var name = signal is not null && signal.StartsWith("SIG", StringComparison.Ordinal) ? signal[3..] : signal;
        if (name is null)
        {
            reader.Require("checkpoint", allowed);
        }
        else if (!Signals.Contains(name))
        {
            reader.Refuse("checkpoint", $"\"{signal}\" is no signal that can ask for a checkpoint", allowed);
        }

        return new() { Checkpoint = name ?? "", Target = reader.Choice("target", given?.Target ?? SignalTarget.Leader) };
    }

    private ImmutableSortedDictionary<int, ExitMeaning> ReadOnExit(MappingReader parent, ImmutableSortedDictionary<int, ExitMeaning> given)
    {
        if (parent.Value("on_exit") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("on_exit"), problems, null);
        foreach (var key in reader.Keys)
        {
            // 85 keeps its meaning, or no program could say "continue me" to every campaign.
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 1 and <= 255 and not 85)
            {
                given = given.SetItem(code, reader.Choice(key, ExitMeaning.HardFail));
            }
            else
            {
                problems.Add(reader.Key(key), reader.PathOf(key), $"\"{key}\" is no exit status that can be given a meaning", "1 to 255 but 85, which always means \"continue me\"");
            }
        }

        return given;
    }

    private ImmutableSortedDictionary<string, string> ReadEnvironment(MappingReader parent, ImmutableSortedDictionary<string, string> given, string? stage)
    {
        if (parent.Value("env") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("env"), problems, null);
        foreach (var key in reader.Keys)
        {
            if (!VariableName().IsMatch(key) || key.StartsWith("ORCHESTRATOR_", StringComparison.Ordinal))
            {
                problems.Add(reader.Key(key), reader.PathOf(key), $"\"{key}\" cannot be set", "letters, digits and _, no digit first, not starting with ORCHESTRATOR_");
            }
            else if (reader.Value(key) is YamlScalarNode { Value: "" })
            {
                given = given.SetItem(key, "");
            }
            else if (Checked(reader, key, "a text", stage) is { } value)
            {
                given = given.SetItem(key, value);
            }
        }

        return given;
    }

    private ImmutableArray<string> Files(MappingReader reader, string key, string? stage)
    {
        var files = reader.Texts(key, FilesAllowed);
        foreach (var (node, path, file) in files)
        {
            placeholders.Check(node, path, file, stage);
            if (file.StartsWith('/') || file.Split('/').Contains(".."))
            {
                problems.Add(node, path, $"\"{file}\" leaves the run directory", FilesAllowed);
            }
        }

        return [.. files.Select(file => file.Text)];
    }

    private string? Checked(MappingReader reader, string key, string allowed, string? stage, params ReadOnlySpan<string> also) =>
        reader.Text(key, allowed) is { } text ? placeholders.Check(reader.Value(key)!, reader.PathOf(key), text, stage, also) : null;

    [GeneratedRegex(@"^[A-Za-z0-9._/-]{1,60}\z")]
    private static partial Regex JobTypeShape();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();
}
