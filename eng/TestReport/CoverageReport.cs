using System.Globalization;
using System.Text.Json;

namespace Orchestrator.TestReport;

/// <summary>Line coverage by component (an assembly of src or examples), over all test projects: a line counts once.</summary>
internal static class CoverageReport
{
    public sealed record Component(string Name, int Lines, int Covered)
    {
        public double Percent => Lines == 0 ? 0 : Math.Round(100.0 * Covered / Lines, 1);
    }

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

        return [.. components.Select(component => new Component(component.Key, component.Value.Count, component.Value.Values.Count(hit => hit)))];
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
