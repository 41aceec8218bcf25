using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads one stage, or the defaults of all, over what is already given.</summary>
internal sealed partial class StageReader(IReadOnlyCollection<string> stages, Placeholders placeholders, ProblemList problems)
{
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
            Run = hasTasks ? TaskSetDefinition.WorkerProgram : placeholders.Text(reader, "run", Command, name) ?? "",
            Restart = placeholders.Text(reader, "restart", Command, name),
            After = edges.ReadAfter(reader, "after", name, parts?.Same),
            Outputs = placeholders.Files(reader, "outputs", name),
            Appends = placeholders.Files(reader, "appends", name),
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
        Checkpoint = new CheckpointReader(placeholders, problems).Read(reader, given.Checkpoint, stage),
        Preview = new PreviewReader(problems).Read(reader, given.Preview),
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
            else if (placeholders.Text(reader, key, "a text", stage) is { } value)
            {
                given = given.SetItem(key, value);
            }
        }

        return given;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._/-]{1,60}\z")]
    private static partial Regex JobTypeShape();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableName();
}
