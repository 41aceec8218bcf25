using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Storage;

/// <summary>A script that brings a database one step further. Numbered scripts never change once released; named ones (those of Orleans) may be applied again.</summary>
/// <param name="Name">The file name without its ending.</param>
/// <param name="Number">The step, from 1; 0 for a named script.</param>
/// <param name="Text">The statements.</param>
internal sealed record SchemaScript(string Name, int Number, string Text)
{
    /// <summary>What the statements say: comments and white space do not count.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Statements(Text))));

    /// <summary>The scripts of one database in the order in which they are applied; they are embedded from <c>silo-config/sql</c>.</summary>
    public static IReadOnlyList<SchemaScript> For(StorageProvider provider)
    {
        var prefix = "sql/" + (provider == StorageProvider.Sqlite ? "sqlite/" : "postgresql/");
        var assembly = typeof(SchemaScript).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => Read(assembly, name, Path.GetFileNameWithoutExtension(name[prefix.Length..])))
            .OrderBy(script => script.Number == 0 ? int.MaxValue : script.Number)
            .ThenBy(script => OrleansOrder(script.Name))
            .ThenBy(script => script.Name, StringComparer.Ordinal)];
    }

    private static SchemaScript Read(Assembly assembly, string resource, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        _ = int.TryParse(dash > 0 ? name.AsSpan(0, dash) : name, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new SchemaScript(name, number, reader.ReadToEnd());
    }

    // The other scripts of Orleans store their statements in a table that the main script makes.
    private static int OrleansOrder(string name) => name.Contains("main", StringComparison.OrdinalIgnoreCase) ? 0 : 1;

    private static string Statements(string text)
    {
        var kept = text.Split('\n')
            .Select(line => line.IndexOf("--", StringComparison.Ordinal) is var comment and >= 0 ? line[..comment] : line)
            .SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return string.Join(' ', kept);
    }
}
