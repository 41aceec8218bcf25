using System.Collections.Immutable;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>
/// Knows every <c>{word}</c>: those of the campaign are replaced when it is compiled, those of a launch are kept for the agent.
/// <c>${WORD}</c> and braces around anything but a word belong to the shell.
/// </summary>
internal sealed partial class Placeholders(ImmutableArray<Variant> variants, bool hasScenarios, bool hasMembers, IReadOnlyCollection<string> stages, ProblemList problems)
{
    /// <summary>Known only at launch; scenario parameters cannot have these names.</summary>
    public static readonly ImmutableArray<string> OfLaunch = ["restore", "run", "ranks", "nodes", "hostfile", "epoch"];

    private const string FilesAllowed = "paths relative to the run directory, without ..";

    private readonly List<(YamlNode Node, string Path, string From, string To)> uses = [];

    /// <summary>Words that one stage alone knows, since it is unrolled.</summary>
    private readonly Dictionary<string, IReadOnlyList<string>> own = [];

    public void Own(string stage, IReadOnlyList<string> words) => own[stage] = words;

    /// <summary>The text as it is; every word in it that nobody will replace is a problem.</summary>
    /// <remarks>Without a stage the text belongs to all of them; <paramref name="also"/> are words allowed here alone.</remarks>
    public string Check(YamlNode node, string path, string text, string? stage, params ReadOnlySpan<string> also)
    {
        foreach (Match match in Shape().Matches(text))
        {
            var word = match.Groups[1].Value;
            if (OfLaunch.Contains(word) || also.Contains(word) || (stage is not null && own.TryGetValue(stage, out var words) && words.Contains(word)) || (word == "member" && hasMembers) || (word == "scenario" && hasScenarios))
            {
                continue;
            }

            if (word.StartsWith("stage.", StringComparison.Ordinal))
            {
                CheckStage(node, path, word["stage.".Length..], stage);
                continue;
            }

            var lacking = variants.Where(variant => !variant.Parameters.ContainsKey(word)).Select(variant => variant.Name).ToArray();
            if (lacking.Length == variants.Length)
            {
                problems.Add(node, path, $"nothing replaces {{{word}}}", Allowed(also));
            }
            else if (lacking.Length > 0)
            {
                problems.Add(node, path, $"{{{word}}} has no value in scenario {string.Join(", ", lacking)}", "a parameter that every scenario has");
            }
        }

        return text;
    }

    /// <summary>The text of a key, checked; null when absent or wrong.</summary>
    public string? Text(MappingReader reader, string key, string allowed, string? stage, params ReadOnlySpan<string> also) =>
        reader.Text(key, allowed) is { } text ? Check(reader.Value(key)!, reader.PathOf(key), text, stage, also) : null;

    /// <summary>Files of a run, one or a list of them, checked.</summary>
    public ImmutableArray<string> Files(MappingReader reader, string key, string? stage)
    {
        var files = reader.Texts(key, FilesAllowed);
        foreach (var (node, path, file) in files)
        {
            Check(node, path, file, stage);
            if (file.StartsWith('/') || file.Split('/').Contains(".."))
            {
                problems.Add(node, path, $"\"{file}\" leaves the run directory", FilesAllowed);
            }
        }

        return [.. files.Select(file => file.Text)];
    }

    /// <summary>A stage can use only the outputs of stages that it waits for, directly or not.</summary>
    public void CheckOrder(Func<string, string, bool> waitsFor)
    {
        foreach (var (node, path, from, to) in uses.Where(use => !waitsFor(use.From, use.To)))
        {
            problems.Add(node, path, $"{{stage.{to}}} is used, but stage {from} does not wait for {to}", $"stages that {from} comes after, directly or through others");
        }
    }

    public static string Replace(string text, Variant variant, int member) => Shape().Replace(text, match => match.Groups[1].Value switch
    {
        "member" when member > 0 => member.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "scenario" when variant.Name.Length > 0 => variant.Name,
        var word => variant.Parameters.GetValueOrDefault(word) ?? match.Value,
    });

    private void CheckStage(YamlNode node, string path, string named, string? stage)
    {
        if (!stages.Contains(named))
        {
            problems.Add(node, path, $"{{stage.{named}}} names no stage; did you mean \"{Nearest.To(named, stages)}\"?", string.Join(", ", stages));
        }
        else if (stage is not null)
        {
            uses.Add((node, path, stage, named));
        }
    }

    private string Allowed(ReadOnlySpan<string> also)
    {
        string[] words = [.. hasMembers ? ["member"] : Array.Empty<string>(), .. hasScenarios ? ["scenario"] : Array.Empty<string>(), .. variants.SelectMany(variant => variant.Parameters.Keys).Distinct(), .. OfLaunch, "stage.NAME", .. also];
        return string.Join(", ", words.Select(word => $"{{{word}}}")) + "; write ${NAME} or { NAME } for what the shell shall see";
    }

    [GeneratedRegex(@"(?<!\$)\{([A-Za-z_][A-Za-z0-9_.-]*)\}")]
    private static partial Regex Shape();
}
