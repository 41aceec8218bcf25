using System.Collections.Immutable;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads stages that are added to a simulation, in the words of the campaign file: <c>stages</c>, <c>edges</c> (of stages that wait already), <c>defaults</c> and <c>key</c>.</summary>
public static class StageFile
{
    /// <param name="text">YAML or JSON.</param>
    /// <param name="existing">The stages of the simulation.</param>
    /// <param name="parameters">Replaces <c>{NAME}</c>, as the parameters of its scenario did.</param>
    /// <param name="member">Replaces <c>{member}</c>; 0: it has none.</param>
    public static StageFileReading Read(string text, IReadOnlyList<StageDefinition> existing, IReadOnlyDictionary<string, string> parameters, int member)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new ProblemList();
        var addition = PlainYaml.Load(text, problems) is { } root ? Compile(root, existing, parameters, member, problems) : null;
        return new() { Key = addition?.Key ?? "", Addition = problems.IsEmpty ? addition : null, Problems = problems.InFileOrder };
    }

    private static StageAddition Compile(YamlNode root, IReadOnlyList<StageDefinition> existing, IReadOnlyDictionary<string, string> parameters, int member, ProblemList problems)
    {
        var reader = new MappingReader(root, "", problems, CampaignKeys.Addition);
        if (reader.Value("stages") is null && reader.Value("edges") is null)
        {
            reader.Require("stages", "a mapping from stage name to stage, or edges");
        }

        var variant = new Variant(parameters.GetValueOrDefault("scenario") ?? "", parameters.ToImmutableDictionary());
        var stages = StageMapping.Read(reader, existing, names => new([variant], parameters.ContainsKey("scenario"), member > 0, names, problems), problems);
        var edges = ImmutableArray.CreateBuilder<AddedEdge>();
        if (reader.Value("edges") is { } node)
        {
            HashSet<string> names = new(existing.Concat(stages).Select(static stage => stage.Name), StringComparer.Ordinal);
            var inner = new MappingReader(node, "edges", problems, null);
            foreach (var stage in inner.Keys)
            {
                if (!names.Contains(stage))
                {
                    problems.Add(inner.Key(stage), inner.PathOf(stage), $"there is no stage \"{stage}\"; did you mean \"{Nearest.To(stage, names)}\"?", string.Join(", ", names.Take(100)));
                }

                edges.AddRange(new EdgeReader(names, problems).ReadAfter(inner, stage, stage, null).Select(edge => new AddedEdge { Stage = stage, Dependency = edge }));
            }
        }

        return new()
        {
            Key = reader.Text("key", "1 to 120 characters") ?? "",
            Stages = [.. stages.Select(stage => CampaignFile.Fill(stage, variant, member))],
            Edges = edges.ToImmutable(),
        };
    }
}

/// <summary>What became of a file of stages: an addition without problems, or every problem and none.</summary>
public sealed record StageFileReading
{
    /// <summary>The key that the file has, mistakes or not; "": it has none.</summary>
    public string Key { get; init; } = "";

    /// <summary>Null exactly when there are problems.</summary>
    public StageAddition? Addition { get; init; }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<DefinitionProblem> Problems { get; init; } = [];
}
