using System.Globalization;
using System.Text.Json;

namespace Orchestrator.TestReport;

/// <summary>
/// Line coverage by component (an assembly of src or examples), over all test projects: a line counts once. Of the core, each feature folder is a component besides.
/// </summary>
internal static class CoverageReport
{
    public sealed record Component(string Name, int Lines, int Covered)
    {
        public double Percent => Lines == 0 ? 0 : Math.Round(100.0 * Covered / Lines, 1);
    }

    /// <summary>Percent of lines that tests must cover, by component, when all of them ran.</summary>
    public static IReadOnlyDictionary<string, double> Floors { get; } = new Dictionary<string, double>(StringComparer.Ordinal)
    {
        ["Orchestrator.CheckpointStore"] = 90,
        ["Orchestrator.Core/Checkpoints"] = 90, ["Orchestrator.Core/Failures"] = 90, ["Orchestrator.Core/Scheduling"] = 90,
    };

    /// <summary>The assembly whose folders are told apart.</summary>
    private const string Core = "Orchestrator.Core";

    public static IReadOnlyList<Component> Merge(IEnumerable<string> files)
    {
        var components = new SortedDictionary<string, Dictionary<(string File, int Line), bool>>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var module in document.RootElement.EnumerateObject())
            {
                var name = Path.GetFileNameWithoutExtension(module.Name);
                if (!components.TryGetValue(name, out var lines))
                {
                    components.Add(name, lines = []);
                }

                Add(lines, module.Value);
            }
        }

        if (components.TryGetValue(Core, out var core))
        {
            foreach (var folder in core.GroupBy(line => FolderOf(line.Key.File)).Where(folder => folder.Key.Length > 0))
            {
                components.Add($"{Core}/{folder.Key}", folder.ToDictionary());
            }
        }

        return [.. components.Select(component => new Component(component.Key, component.Value.Count, component.Value.Values.Count(hit => hit)))];
    }

    /// <summary>The feature folder of a source file of the core; empty: it is in none.</summary>
    private static string FolderOf(string file)
    {
        var parts = file.Replace('\\', '/').Split('/');
        var top = Array.LastIndexOf(parts, Core);
        return top >= 0 && top + 2 < parts.Length ? parts[top + 1] : "";
    }

    private static void Add(Dictionary<(string File, int Line), bool> lines, JsonElement module)
    {
        // Coverlet's own format: source file, class, method, "Lines", number of the line, hits.
        foreach (var source in module.EnumerateObject())
        {
            foreach (var line in source.Value.EnumerateObject().SelectMany(type => type.Value.EnumerateObject()).SelectMany(method => method.Value.GetProperty("Lines").EnumerateObject()))
            {
                var key = (source.Name, int.Parse(line.Name, CultureInfo.InvariantCulture));
                lines[key] = line.Value.GetInt32() > 0 || (lines.TryGetValue(key, out var hit) && hit);
            }
        }
    }
}
