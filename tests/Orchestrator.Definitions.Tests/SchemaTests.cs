using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions.Tests;

/// <summary>The JSON Schema of docs and the reader of campaign files say the same.</summary>
public sealed class SchemaTests
{
    private static readonly DirectoryInfo Root = FindRoot();

    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Root.FullName, "docs", "campaign-file.schema.json")))!.AsObject();

    [Fact]
    public void The_schema_names_exactly_the_keys_that_are_read()
    {
        KeysOf(Schema).ShouldBe(CampaignKeys.File, ignoreOrder: true);
        KeysOf(Schema["properties"]!["defaults"]!).ShouldBe(CampaignKeys.Shared, ignoreOrder: true);
        KeysOf(Definition("stage")).ShouldBe(CampaignKeys.Stage, ignoreOrder: true);
        KeysOf(Definition("checkpoint")).ShouldBe(CampaignKeys.Checkpoint, ignoreOrder: true);
        KeysOf(Definition("preview")).ShouldBe(CampaignKeys.Preview, ignoreOrder: true);
        KeysOf(Definition("recovery")).ShouldBe(CampaignKeys.Recovery, ignoreOrder: true);
        KeysOf(Definition("signals")).ShouldBe(CampaignKeys.Signals, ignoreOrder: true);
        KeysOf(Definition("compare")).ShouldBe(CampaignKeys.Compare, ignoreOrder: true);
        KeysOf(Definition("after")).ShouldBe(CampaignKeys.After, ignoreOrder: true);
        KeysOf(Definition("trigger")).ShouldBe(CampaignKeys.Trigger, ignoreOrder: true);
        KeysOf(Definition("tasks")).ShouldBe(CampaignKeys.Tasks, ignoreOrder: true);
        KeysOf(Definition("task")).ShouldBe(CampaignKeys.ListedTask, ignoreOrder: true);
        KeysOf(Definition("repeat")).ShouldBe(CampaignKeys.Repeat, ignoreOrder: true);
        KeysOf(Definition("compare")["properties"]!["objective"]!).ShouldBe(CampaignKeys.Objective, ignoreOrder: true);
    }

    [Fact]
    public void The_reference_has_a_row_for_every_key()
    {
        var reference = File.ReadAllText(Path.Combine(Root.FullName, "docs", "campaign-file.md"));
        var keys = CampaignKeys.File.Concat(CampaignKeys.Stage).Concat(CampaignKeys.Checkpoint).Concat(CampaignKeys.Preview).Concat(CampaignKeys.Recovery).Concat(CampaignKeys.Signals).Concat(CampaignKeys.Compare).Concat(CampaignKeys.Objective).Concat(CampaignKeys.After).Concat(CampaignKeys.Trigger).Concat(CampaignKeys.Repeat).Concat(CampaignKeys.Tasks).Concat(CampaignKeys.ListedTask);

        keys.Where(key => !Regex.IsMatch(reference, $@"\b{key}\b")).ShouldBeEmpty();
    }

    [Fact]
    public void Every_example_campaign_satisfies_the_schema()
    {
        var examples = Root.GetDirectories("examples").Single().GetFiles("campaign.yaml", SearchOption.AllDirectories);

        examples.Length.ShouldBeGreaterThanOrEqualTo(3);
        foreach (var example in examples)
        {
            Mistakes(File.ReadAllText(example.FullName)).ShouldBeEmpty(example.FullName);
        }
    }

    [Theory]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, memmory: 4G } }", "$.stages.s.memmory")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, duration: 90 } }", "$.stages.s.duration")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { nodes: 2 } }", "$.stages.s")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, recovery: { on: { crash: restart } } } }", "$.stages.s.recovery.on.crash")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, recovery: { waits: -1 } } }", "$.stages.s.recovery.waits")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { tasks: { run: x } } }", "$.stages.s.tasks")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { tasks: { run: x, count: 3, worker: 2 } } }", "$.stages.s.tasks.worker")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { tasks: { run: x, range: 3 } } }", "$.stages.s.tasks.range")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, preview: { levels: [10, 250] } } }", "$.stages.s.preview.levels")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, preview: { evry: 10m } } }", "$.stages.s.preview.evry")]
    [InlineData("name: a\nproject: ab\nstages: { s: { run: x } }", "$.project")]
    [InlineData("name: a\nproject: a/b\nstages: { s: { run: x, on_exit: { 85: retry } } }", "$.stages.s.on_exit.85")]
    public void The_schema_refuses_what_the_reader_refuses(string text, string place)
    {
        CampaignFile.Read(text).Problems.ShouldNotBeEmpty();

        Mistakes(text).ShouldContain(place);
    }

    private static IEnumerable<string> KeysOf(JsonNode schema) => schema["properties"]!.AsObject().Select(pair => pair.Key);

    private static JsonNode Definition(string name) => Schema["$defs"]![name]!;

    private static List<string> Mistakes(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var places = new List<string>();
        Check(stream.Documents[0].RootNode, Schema, "$", places);
        return places;
    }

    /// <summary>As much of JSON Schema as the schema uses, over YAML; adds the places of mistakes.</summary>
    private static void Check(YamlNode node, JsonNode schema, string place, List<string> places)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(node, Definition(reference.GetValue<string>().Split('/')[^1]), place, places);
        }

        var fits = schema["type"] switch
        {
            null => true,
            JsonArray types => types.Any(type => Is(node, type!.GetValue<string>())),
            var type => Is(node, type.GetValue<string>()),
        };
        fits &= schema["enum"] is not JsonArray words || words.Any(word => word!.GetValue<string>() == (node as YamlScalarNode)?.Value);
        fits &= schema["anyOf"] is not JsonArray choices || choices.Any(choice => Fits(node, choice!, place));
        fits &= schema["pattern"] is not { } pattern || node is not YamlScalarNode scalar || Regex.IsMatch(scalar.Value!, pattern.GetValue<string>());
        fits &= schema["minLength"] is null || node is not YamlScalarNode { Value: "" };
        fits &= schema["minimum"] is not { } low || node is not YamlScalarNode number || (double.TryParse(number.Value, CultureInfo.InvariantCulture, out var value) && value >= low.GetValue<double>() && value <= (schema["maximum"]?.GetValue<double>() ?? double.MaxValue));
        fits &= schema["required"] is not JsonArray required || node is not YamlMappingNode holder || required.All(key => holder.Children.ContainsKey(new YamlScalarNode(key!.GetValue<string>())));
        if (!fits)
        {
            places.Add(place);
        }

        if (node is YamlSequenceNode list && schema["items"] is { } items)
        {
            foreach (var item in list)
            {
                Check(item, items, place + "[]", places);
            }
        }

        if (node is YamlMappingNode mapping && fits)
        {
            foreach (var (key, child) in mapping)
            {
                var name = ((YamlScalarNode)key).Value!;
                var inner = schema["properties"]?[name]
                    ?? schema["patternProperties"]?.AsObject().FirstOrDefault(pair => Regex.IsMatch(name, pair.Key)).Value
                    ?? schema["additionalProperties"];
                if (inner is JsonObject)
                {
                    Check(child, inner, $"{place}.{name}", places);
                }
                else if (inner is not null)
                {
                    places.Add($"{place}.{name}");
                }
            }
        }
    }

    private static bool Fits(YamlNode node, JsonNode schema, string place)
    {
        var places = new List<string>();
        Check(node, schema, place, places);
        return places.Count == 0;
    }

    private static bool Is(YamlNode node, string type) => type switch
    {
        "object" => node is YamlMappingNode,
        "array" => node is YamlSequenceNode,
        "string" => node is YamlScalarNode,
        "integer" => node is YamlScalarNode { Value: var text } && long.TryParse(text, CultureInfo.InvariantCulture, out _),
        "number" => node is YamlScalarNode { Value: var text } && double.TryParse(text, CultureInfo.InvariantCulture, out _),
        "boolean" => node is YamlScalarNode { Value: "true" or "false" },
        "null" => node is YamlScalarNode { Value: "" or "null" or "~" },
        _ => false,
    };

    private static DirectoryInfo FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return folder;
    }
}
