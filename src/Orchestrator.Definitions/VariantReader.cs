using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Core.Workflows.Graphs;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads what makes simulations of one campaign differ: <c>scenarios</c>, the points of <c>matrix</c>, and <c>labels</c>, which all of them share.</summary>
internal sealed partial class VariantReader(ProblemList problems)
{
    private const string Tags = "tags";
    private const int LabelsMax = 32;
    private const int LabelLengthMax = 200;
    private const string LabelAllowed = "a single value of at most 200 characters";

    private static readonly ImmutableArray<string> Reserved = ["member", "scenario", "path", "date", .. Placeholders.OfLaunch];

    /// <param name="campaign">The whole file.</param>
    /// <returns>At least one.</returns>
    public ImmutableArray<Variant> Read(MappingReader campaign) => ReadLabels(campaign, ReadMatrix(campaign, ReadScenarios(campaign)));

    private ImmutableArray<Variant> ReadScenarios(MappingReader parent)
    {
        Variant none = new("", ImmutableDictionary<string, string>.Empty);
        if (parent.Value("scenarios") is not { } node)
        {
            return [none];
        }

        var reader = new MappingReader(node, "scenarios", problems, null);
        var variants = ImmutableArray.CreateBuilder<Variant>();
        foreach (var name in reader.Keys)
        {
            var parameters = ImmutableDictionary.CreateBuilder<string, string>();
            ImmutableArray<string> tags = [];
            if (name.Length > 60)
            {
                problems.Add(reader.Key(name), reader.PathOf(name), $"the name has {name.Length} characters", "at most 60");
            }

            // "control:" alone is a scenario without parameters.
            if (reader.Value(name) is not YamlScalarNode { Value: "" })
            {
                var inner = new MappingReader(reader.Value(name)!, reader.PathOf(name), problems, null);
                tags = ReadTags(inner);
                foreach (var parameter in inner.Keys)
                {
                    if (parameter == Tags && inner.Value(parameter) is YamlSequenceNode)
                    {
                        continue;
                    }

                    if (!Parameter().IsMatch(parameter) || Reserved.Contains(parameter))
                    {
                        problems.Add(inner.Key(parameter), inner.PathOf(parameter), $"\"{parameter}\" cannot name a parameter", "letters, digits, '_' and '-', no digit first, none of " + string.Join(", ", Reserved));
                    }

                    parameters[parameter] = inner.Text(parameter, "a single value") ?? "";
                }
            }

            variants.Add(new(name, parameters.ToImmutable()) { Tags = tags });
        }

        if (variants.Count == 0)
        {
            parent.Refuse("scenarios", "there is no scenario", "at least one, or no \"scenarios\"");
            return [none];
        }

        return variants.ToImmutable();
    }

    /// <summary>What a scenario has to do with. One word is a parameter, too, as it ever was.</summary>
    private ImmutableArray<string> ReadTags(MappingReader scenario)
    {
        const string Allowed = "one or a list of words of 1 to 60 characters, each once";
        if (scenario.Value(Tags) is not { } node || node is not (YamlSequenceNode or YamlScalarNode { Value.Length: > 0 }))
        {
            return [];
        }

        var tags = scenario.Texts(Tags, Allowed);
        foreach (var (place, path, tag) in tags.Where(static one => one.Text.Length > 60))
        {
            problems.Add(place, path, $"\"{tag}\" has {tag.Length} characters", Allowed);
        }

        if (tags.Select(static one => one.Text).Distinct(StringComparer.OrdinalIgnoreCase).Count() < tags.Length)
        {
            scenario.Refuse(Tags, "a tag is there twice", Allowed);
        }

        return [.. tags.Select(static one => one.Text)];
    }

    /// <summary>Every scenario at every point of the grid; the point becomes part of its name.</summary>
    private ImmutableArray<Variant> ReadMatrix(MappingReader parent, ImmutableArray<Variant> variants)
    {
        if (parent.Value("matrix") is not { } node)
        {
            return variants;
        }

        var points = WorkflowTemplates.Points(StageParts.Grid(new(node, "matrix", problems, null)));
        if ((long)points.Length * variants.Length > CampaignFile.SimulationsMax)
        {
            parent.Refuse("matrix", $"scenarios x matrix are {(long)points.Length * variants.Length}", $"at most {CampaignFile.SimulationsMax}");
            return variants;
        }

        foreach (var (scenario, parameter) in variants.SelectMany(variant => points[0].Keys.Where(variant.Parameters.ContainsKey).Select(parameter => (variant.Name, parameter))))
        {
            parent.Refuse("matrix", $"\"{parameter}\" is a parameter of scenario \"{scenario}\", too", "a name of its own");
        }

        return [.. from variant in variants
                   from point in points
                   let words = string.Join('.', point.Select(static pair => $"{pair.Key}-{pair.Value}"))
                   select new Variant(variant.Name.Length == 0 ? words : $"{variant.Name}.{words}", variant.Parameters.SetItems(point)) { Tags = variant.Tags }];
    }

    /// <summary>What every simulation is labelled with: parameters that are the same everywhere.</summary>
    private ImmutableArray<Variant> ReadLabels(MappingReader parent, ImmutableArray<Variant> variants)
    {
        if (parent.Value("labels") is not { } node)
        {
            return variants;
        }

        var reader = new MappingReader(node, "labels", problems, null);
        var labels = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var label in reader.Keys)
        {
            if (!Parameter().IsMatch(label) || Reserved.Contains(label))
            {
                problems.Add(reader.Key(label), reader.PathOf(label), $"\"{label}\" cannot name a label", "letters, digits, '_' and '-', no digit first, none of " + string.Join(", ", Reserved));
            }
            else if (variants.Any(variant => variant.Parameters.ContainsKey(label)))
            {
                problems.Add(reader.Key(label), reader.PathOf(label), $"\"{label}\" is a parameter of the scenarios, too", "a name of its own");
            }
            else if (reader.Text(label, LabelAllowed) is { } text)
            {
                if (text.Length > LabelLengthMax)
                {
                    reader.Refuse(label, $"it has {text.Length} characters", LabelAllowed);
                }

                labels[label] = text;
            }
        }

        if (reader.Keys.Count() > LabelsMax)
        {
            parent.Refuse("labels", $"there are {reader.Keys.Count()}", $"at most {LabelsMax}");
        }

        return [.. variants.Select(variant => variant with { Parameters = variant.Parameters.SetItems(labels) })];
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex Parameter();
}
