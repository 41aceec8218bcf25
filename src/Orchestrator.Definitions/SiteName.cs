using System.Collections.Immutable;

namespace Orchestrator.Definitions;

/// <summary>How a site names what it has: features, data, licences, levels of its topology, reservations.</summary>
internal static class SiteName
{
    public const string Allowed = "1 to 60 letters, digits, '.', '_' and '-'";

    public static bool IsValid(string text) => text.Length is >= 1 and <= 60 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    /// <summary>A name or a list of names; sorted, so that stages that ask for the same are the same to the scheduler.</summary>
    public static ImmutableArray<string> ReadAll(MappingReader reader, ProblemList problems, string key, string what, ImmutableArray<string> given)
    {
        if (reader.Value(key) is null)
        {
            return given;
        }

        var names = reader.Texts(key, Allowed);
        foreach (var (node, path, name) in names)
        {
            if (!IsValid(name))
            {
                problems.Add(node, path, $"\"{name}\" is no {what}", Allowed);
            }
        }

        return [.. names.Select(static name => name.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
