namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// The public API of Orleans as text: <c># Assembly</c>, a line per type, under it an indented line per member.
/// The part that the local engine declares is checked in as <c>Data/orleans-api.txt</c>.
/// </summary>
internal sealed class ApiList
{
    private readonly Dictionary<string, Entry> types = new(StringComparer.Ordinal);

    /// <summary>Reads a list. Lines that are neither a type nor a member are comments.</summary>
    public static ApiList Read(string path)
    {
        var list = new ApiList();
        var assembly = "";
        Entry? current = null;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("# Orleans.", StringComparison.Ordinal))
            {
                assembly = line[2..].Trim();
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                current?.Members.Add(line.Trim());
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                // Two assemblies may declare static classes of one name: their members count together.
                var name = NameIn(line);
                current = list.types.GetValueOrDefault(name) ?? new Entry(assembly, line.TrimEnd(), new SortedSet<string>(StringComparer.Ordinal));
                list.types[name] = current;
            }
        }

        return list;
    }

    /// <summary>The entry of a type by its full name, or null when Orleans has no such type.</summary>
    public Entry? Find(string typeName) => types.GetValueOrDefault(typeName);

    /// <summary>Writes the entries of the given types, which is how the checked-in part is made from the full list.</summary>
    public void WritePart(string path, IEnumerable<string> typeNames)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine("# The public API of Orleans 10.4 for the types that the local engine declares; facts only: kind, name, bases, signatures.");
        writer.WriteLine("# '?' after a parameter: optional. Rewritten from the full list by the fidelity test: see LocalEngineFidelityTests.");
        foreach (var assembly in typeNames.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(Find).OfType<Entry>().GroupBy(static entry => entry.Assembly).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            writer.WriteLine($"# {assembly.Key}");
            foreach (var entry in assembly)
            {
                writer.WriteLine(entry.Header);
                foreach (var member in entry.Members)
                {
                    writer.WriteLine($"  {member}");
                }
            }
        }
    }

    private static string NameIn(string header)
    {
        var end = header.IndexOf(" : ", StringComparison.Ordinal);
        var before = (end < 0 ? header : header[..end]).TrimEnd();
        return before[(before.LastIndexOf(' ') + 1)..];
    }

    /// <summary>One type of the list: the assembly it is in, its first line, its members.</summary>
    internal sealed record Entry(string Assembly, string Header, SortedSet<string> Members);
}
