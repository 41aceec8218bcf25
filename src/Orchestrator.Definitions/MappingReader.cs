using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>
/// Reads one mapping of the file. A value that is absent or wrong yields the fallback;
/// what is wrong goes to the problems, so reading always goes on to the end.
/// </summary>
internal sealed class MappingReader
{
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> entries = [];
    private readonly YamlNode node;
    private readonly string path;
    private readonly ProblemList problems;

    /// <remarks>Keys that are not known are problems; null allows any key.</remarks>
    public MappingReader(YamlNode node, string path, ProblemList problems, IReadOnlyList<string>? known)
    {
        (this.node, this.path, this.problems) = (node, path, problems);
        var allowed = known is null ? "a mapping (key: value)" : "a mapping with " + string.Join(", ", known);
        if (node is not YamlMappingNode mapping)
        {
            problems.Add(node, path, "it is no mapping", allowed);
            return;
        }

        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                problems.Add(key, path, "a key is no plain word", allowed);
            }
            else if (known is not null && !known.Contains(name))
            {
                problems.Add(key, PathOf(name), $"\"{name}\" is not known here; did you mean \"{Nearest.To(name, known)}\"?", string.Join(", ", known));
            }
            else
            {
                entries[name] = (key, value);
            }
        }
    }

    public IEnumerable<string> Keys => entries.Keys;

    public YamlNode Key(string key) => entries[key].Key;

    public YamlNode? Value(string key) => entries.TryGetValue(key, out var entry) ? entry.Value : null;

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public void Refuse(string key, string message, string allowed) =>
        problems.Add(Value(key) ?? node, PathOf(key), message, allowed);

    public void Require(string key, string allowed)
    {
        if (!entries.ContainsKey(key) && node is YamlMappingNode)
        {
            Refuse(key, $"\"{key}\" is missing", allowed);
        }
    }

    /// <summary>Null when absent or wrong.</summary>
    public string? Text(string key, string allowed) => Value(key) is { } value ? Text(value, PathOf(key), allowed) : null;

    public int Count(string key, int min, int max, int fallback)
    {
        var allowed = $"a whole number from {min} to {max}";
        if (Text(key, allowed) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min && count <= max)
        {
            return count;
        }

        Refuse(key, $"\"{text}\" is not in range", allowed);
        return fallback;
    }

    /// <summary>A finite number within bounds; null when absent or wrong.</summary>
    public double? Number(string key, double min, double max)
    {
        var allowed = double.IsInfinity(max) ? "a finite number" : FormattableString.Invariant($"a number from {min} to {max}");
        if (Text(key, allowed) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(key, $"\"{text}\" is not in range", allowed);
        return null;
    }

    /// <summary>A share of 1, which the file gives in percent.</summary>
    public double Percent(string key, double fallback)
    {
        const string Allowed = "a number with %, above 0 and below 100";
        if (Text(key, Allowed) is not { } text)
        {
            return fallback;
        }

        if (text.EndsWith('%') && double.TryParse(text[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and < 100)
        {
            return percent / 100;
        }

        Refuse(key, $"\"{text}\" is no such share", Allowed);
        return fallback;
    }

    /// <summary>A word that names something of the site; null when absent or wrong.</summary>
    public string? Name(string key)
    {
        if (Text(key, SiteName.Allowed) is not { } text)
        {
            return null;
        }

        if (SiteName.IsValid(text))
        {
            return text;
        }

        Refuse(key, $"\"{text}\" is no name", SiteName.Allowed);
        return null;
    }

    public bool Flag(string key, bool fallback)
    {
        const string Allowed = "true, false";
        switch (Text(key, Allowed))
        {
            case null:
                return fallback;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Refuse(key, $"\"{text}\" is neither", Allowed);
                return fallback;
        }
    }

    /// <summary>A moment with its distance from UTC; null when absent or wrong.</summary>
    public DateTimeOffset? Moment(string key)
    {
        const string Allowed = "a date and time with its zone: 2026-06-01T12:00:00Z or 2026-06-01T14:00:00+02:00";
        if (Text(key, Allowed) is not { } text)
        {
            return null;
        }

        // A time without zone would be another moment for each reader.
        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            || DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mmzzz"], CultureInfo.InvariantCulture, DateTimeStyles.None, out moment))
        {
            return moment.ToUniversalTime();
        }

        Refuse(key, $"\"{text}\" is no moment", Allowed);
        return null;
    }

    public TimeSpan? Duration(string key, TimeSpan? fallback)
    {
        if (Text(key, DurationText.Allowed) is not { } text)
        {
            return fallback;
        }

        if (DurationText.TryParse(text, out var duration, out var problem))
        {
            return duration;
        }

        Refuse(key, problem, DurationText.Allowed);
        return fallback;
    }

    public long Size(string key, long fallback)
    {
        if (Text(key, SizeText.Allowed) is not { } text)
        {
            return fallback;
        }

        if (SizeText.TryParse(text, out var bytes, out var problem))
        {
            return bytes;
        }

        Refuse(key, problem, SizeText.Allowed);
        return fallback;
    }

    /// <summary>One word of an enumeration; <see cref="Words{T}"/> gives their spelling.</summary>
    public T Choice<T>(string key, T fallback) where T : struct, Enum
    {
        var words = Words<T>();
        var allowed = string.Join(", ", words.Keys);
        if (Text(key, allowed) is not { } text)
        {
            return fallback;
        }

        if (words.TryGetValue(text, out var choice))
        {
            return choice;
        }

        Refuse(key, $"\"{text}\" is none of the choices", allowed);
        return fallback;
    }

    /// <summary>One text or a list of them, each with its own node and path.</summary>
    public ImmutableArray<(YamlNode Node, string Path, string Text)> Texts(string key, string allowed)
    {
        switch (Value(key))
        {
            case null:
                return [];
            case YamlSequenceNode list:
                var texts = ImmutableArray.CreateBuilder<(YamlNode, string, string)>();
                for (var index = 0; index < list.Children.Count; index++)
                {
                    var itemPath = $"{PathOf(key)}[{index}]";
                    if (Text(list.Children[index], itemPath, allowed) is { } item)
                    {
                        texts.Add((list.Children[index], itemPath, item));
                    }
                }

                return texts.ToImmutable();
            case { } single:
                return Text(single, PathOf(key), allowed) is { } only ? [(single, PathOf(key), only)] : [];
        }
    }

    /// <summary>The members of an enumeration, but for the absent one, in the spelling of files: <c>InPlace</c> is <c>in-place</c>.</summary>
    public static IReadOnlyDictionary<string, T> Words<T>() where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => Convert.ToInt32(value, CultureInfo.InvariantCulture) != 0).ToDictionary(WordOf);

    private static string WordOf<T>(T value) where T : struct, Enum =>
        string.Concat(value.ToString().Select((letter, index) =>
            (index > 0 && char.IsAsciiLetterUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

    private string? Text(YamlNode value, string valuePath, string allowed)
    {
        if (value is YamlScalarNode { Value: { Length: > 0 } text })
        {
            return text;
        }

        problems.Add(value, valuePath, value is YamlScalarNode ? "it is empty" : "it is no single value", allowed);
        return null;
    }
}
