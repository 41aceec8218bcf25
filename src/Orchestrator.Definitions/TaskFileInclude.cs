using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>
/// Puts files of tasks into a campaign file that names them, on the machine of whoever submits it: a service does not open files that a text names. Lines stay where they are.
/// </summary>
public static class TaskFileInclude
{
    /// <param name="text">A campaign file; one that cannot be read comes back as it is.</param>
    /// <param name="read">Gives the text of a file, by the path that the campaign file has.</param>
    /// <exception cref="FormatException">A file is no file of tasks; the message names it.</exception>
    public static string Into(string text, Func<string, string> read)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(read);
        if (!text.Contains("file", StringComparison.Ordinal) || PlainYaml.Load(text, new ProblemList()) is not YamlMappingNode root || Child(root, "stages") is not YamlMappingNode stages)
        {
            return text;
        }

        var whole = new StringBuilder(text);
        foreach (var (key, value) in stages.Children.Values.OfType<YamlMappingNode>().Select(static stage => Child(stage, "tasks")).OfType<YamlMappingNode>()
            .SelectMany(static tasks => tasks.Children).Where(static pair => pair.Key is YamlScalarNode { Value: "file" } && pair.Value is YamlScalarNode { Value.Length: > 0 })
            .OrderByDescending(static pair => pair.Key.Start.Index))
        {
            // From the end on, so that what comes before stays where it was found.
            var (from, until) = (At(key.Start), At(value.End));
            whole.Remove(from, until - from).Insert(from, $"list: {List(((YamlScalarNode)value).Value!, read)}");
        }

        return whole.ToString();
    }

    private static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static int At(Mark mark) => checked((int)mark.Index);

    /// <summary>On one line, in the words of a campaign file.</summary>
    private static string List(string path, Func<string, string> read)
    {
        JsonNode? file;
        try
        {
            // A field that is there twice is an error here, or whoever looks it up later fails without a name.
            file = JsonNode.Parse(read(path), documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException fault)
        {
            throw new FormatException($"{path} is not JSON: {fault.Message}", fault);
        }

        var tasks = file as JsonArray ?? (file as JsonObject)?["tasks"] as JsonArray ?? throw new FormatException($"{path} is no file of tasks; allowed: a list of tasks, or an object with the list \"tasks\"");
        foreach (var task in tasks.OfType<JsonObject>())
        {
            // Nobody asks for them here.
            task.Remove("tags");
            foreach (var name in task.Where(static member => member.Value is null).Select(static member => member.Key).ToList())
            {
                task.Remove(name);
            }

            WithUnit(task, "timeout", "s");
            WithUnit(task, "memory", "M");
        }

        return tasks.ToJsonString();
    }

    /// <summary>A pilot's bare number has one meaning.</summary>
    private static void WithUnit(JsonObject task, string name, string unit)
    {
        if (task[name] is JsonValue value && value.TryGetValue<decimal>(out var number))
        {
            task[name] = number.ToString(CultureInfo.InvariantCulture) + unit;
        }
    }
}
