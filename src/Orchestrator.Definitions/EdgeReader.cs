using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads what a stage waits for.</summary>
internal sealed partial class EdgeReader(IReadOnlyCollection<string> stages, ProblemList problems)
{
    private static readonly ImmutableArray<string> Conditions = ["on", "progress", "artifact"];

    private const string WhenAllowed = "an expression over results, as x.metrics.err < 0.1";
    private const string WhoAllowed = "the name of a user, a role, or \"anyone\"";
    private const string FileAllowed = "a path relative to the run directory, without ..; '*' and '?' stand for other letters";

    /// <param name="parent">The stage, or what holds edges alone.</param>
    /// <param name="key">Where they stand.</param>
    /// <param name="stage">Who waits.</param>
    /// <param name="same">Gets the stages of which each part waits for the part of the same number; null: there are no parts.</param>
    public ImmutableArray<Dependency> ReadAfter(MappingReader parent, string key, string stage, ISet<string>? same)
    {
        const string Allowed = "a stage, a list of stages, or a mapping from stage to condition";
        if (parent.Value(key) is not YamlMappingNode node)
        {
            var named = parent.Texts(key, Allowed);
            foreach (var (place, path, name) in named)
            {
                CheckStage(place, path, name);
            }

            return [.. named.Select(item => item.Text).Distinct().Select(name => new Dependency { Stage = name })];
        }

        var reader = new MappingReader(node, parent.PathOf(key), problems, null);
        var dependencies = ImmutableArray.CreateBuilder<Dependency>();
        foreach (var name in reader.Keys)
        {
            CheckStage(reader.Key(name), reader.PathOf(name), name);
            dependencies.Add(reader.Value(name) is YamlMappingNode ? ReadWhole(reader, name, stage, same) : ReadCondition(reader, name));
        }

        return dependencies.ToImmutable();
    }

    public static (JoinRule Join, int Count) ReadJoin(MappingReader reader)
    {
        const string Allowed = "all, any, settled, or how many";
        return reader.Text("join", Allowed) switch
        {
            null or "all" => (JoinRule.Absent, 0),
            "any" => (JoinRule.Any, 1),
            "settled" => (JoinRule.Settled, 0),
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 => (JoinRule.Any, count),
            var text => Refused(text),
        };

        (JoinRule, int) Refused(string text)
        {
            reader.Refuse("join", $"\"{text}\" is no way to join", Allowed);
            return default;
        }
    }

    public StageTrigger? ReadTrigger(MappingReader parent)
    {
        const string Allowed = "automatic, manual, or a mapping with one of at, delay, approval, artifact, when";
        if (parent.Value("trigger") is not { } node)
        {
            return null;
        }

        if (node is not YamlMappingNode)
        {
            switch (parent.Text("trigger", Allowed))
            {
                case "manual":
                    return new() { Kind = TriggerKind.Manual };
                case not "automatic":
                    parent.Refuse("trigger", "it is no trigger", Allowed);
                    break;
            }

            return null;
        }

        var reader = new MappingReader(node, parent.PathOf("trigger"), problems, CampaignKeys.Trigger);
        var given = reader.Keys.ToArray();
        if (given.Length != 1)
        {
            parent.Refuse("trigger", $"it has {given.Length} conditions", Allowed);
            return null;
        }

        return given[0] switch
        {
            "at" => new() { Kind = TriggerKind.Timed, At = reader.Moment("at") },
            "delay" => new() { Kind = TriggerKind.Timed, Delay = reader.Duration("delay", TimeSpan.Zero)!.Value },
            "approval" => new() { Kind = TriggerKind.Manual, Approval = reader.Text("approval", WhoAllowed) ?? Dependency.Anyone },
            "artifact" => new() { Kind = TriggerKind.Data, Artifact = ReadFile(reader) },
            _ => new() { Kind = TriggerKind.Expression, When = ReadWhen(reader, "when") },
        };
    }

    /// <summary>An expression whose stages are there; null when absent or wrong.</summary>
    public string? ReadWhen(MappingReader reader, string key, params ReadOnlySpan<string> also)
    {
        if (reader.Text(key, WhenAllowed) is not { } text)
        {
            return null;
        }

        if (!WorkflowExpression.TryParse(text, out var expression, out var problem))
        {
            reader.Refuse(key, problem!, WhenAllowed);
            return null;
        }

        foreach (var name in expression!.Stages)
        {
            if (!also.Contains(name))
            {
                CheckStage(reader.Value(key)!, reader.PathOf(key), name);
            }
        }

        return text;
    }

    private Dependency ReadWhole(MappingReader parent, string name, string stage, ISet<string>? same)
    {
        var reader = new MappingReader(parent.Value(name)!, parent.PathOf(name), problems, CampaignKeys.After);
        if (Conditions.Where(key => reader.Value(key) is not null).ToArray() is { Length: > 1 } conditions)
        {
            reader.Refuse(conditions[1], $"{string.Join(" and ", conditions)} are given", "one of on, progress, artifact; delay, approval and when beside it");
        }

        if (reader.Value("same") is not null && reader.Flag("same", false))
        {
            if (same is null)
            {
                reader.Refuse("same", $"{stage} has no parts", "\"same\" where both stages have as many \"chunks\", iterations or points");
            }

            same?.Add(name);
        }

        var progress = reader.Value("progress") is null ? 0 : ReadProgress(reader);
        var artifact = reader.Value("artifact") is null ? null : ReadFile(reader);
        return new()
        {
            Stage = name,
            Condition = progress > 0 ? DependencyCondition.Progress : artifact is not null ? DependencyCondition.Artifact : ReadOn(reader),
            Progress = progress,
            Artifact = artifact,
            Delay = reader.Duration("delay", TimeSpan.Zero)!.Value,
            Approval = reader.Text("approval", WhoAllowed),
            When = ReadWhen(reader, "when"),
            Kind = reader.Value("kind") is null ? DependencyKind.Absent : reader.Choice("kind", DependencyKind.Sequential),
        };
    }

    private static DependencyCondition ReadOn(MappingReader reader)
    {
        const string Allowed = "success, failure, end";
        switch (reader.Text("on", Allowed))
        {
            case null or "success":
                return DependencyCondition.Success;
            case "failure":
                return DependencyCondition.Failure;
            case "end":
                return DependencyCondition.End;
            case var text:
                reader.Refuse("on", $"\"{text}\" is no condition", Allowed);
                return DependencyCondition.Success;
        }
    }

    private static double ReadProgress(MappingReader reader)
    {
        const string Allowed = "a number above 0, at most 1";
        if (reader.Text("progress", Allowed) is { } text)
        {
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var progress) && progress is > 0 and <= 1)
            {
                return progress;
            }

            reader.Refuse("progress", $"\"{text}\" is no such progress", Allowed);
        }

        return 1;
    }

    private static string ReadFile(MappingReader reader)
    {
        var file = reader.Text("artifact", FileAllowed) ?? "*";
        if (file.StartsWith('/') || file.Split('/').Contains(".."))
        {
            reader.Refuse("artifact", $"\"{file}\" leaves the run directory", FileAllowed);
        }

        return file;
    }

    private static Dependency ReadCondition(MappingReader reader, string stage)
    {
        const string Allowed = "success, failure, end, progress >= a number above 0, at most 1, or a mapping with on, progress, artifact, delay, approval, when, kind";
        var text = reader.Text(stage, Allowed);
        switch (text)
        {
            case null or "success":
                return new() { Stage = stage };
            case "failure":
                return new() { Stage = stage, Condition = DependencyCondition.Failure };
            case "end":
                return new() { Stage = stage, Condition = DependencyCondition.End };
        }

        if (ProgressShape().Match(text) is { Success: true } match
            && double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is > 0 and <= 1 and var progress)
        {
            return new() { Stage = stage, Condition = DependencyCondition.Progress, Progress = progress };
        }

        reader.Refuse(stage, $"\"{text}\" is no condition", Allowed);
        return new() { Stage = stage };
    }

    private void CheckStage(YamlNode node, string path, string name)
    {
        if (!stages.Contains(name))
        {
            problems.Add(node, path, $"there is no stage \"{name}\"; did you mean \"{Nearest.To(name, stages)}\"?", string.Join(", ", stages.Take(100)));
        }
    }

    [GeneratedRegex(@"^progress\s*>=\s*([0-9]{1,3}(?:\.[0-9]{1,9})?)\z")]
    private static partial Regex ProgressShape();
}
