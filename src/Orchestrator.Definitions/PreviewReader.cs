using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Rendering;

namespace Orchestrator.Definitions;

/// <summary>Reads <c>preview:</c>, how often a stage shows what it has so far, over what is already given.</summary>
internal sealed class PreviewReader(ProblemList problems)
{
    public PreviewPolicy? Read(MappingReader parent, PreviewPolicy? given)
    {
        if (parent.Value("preview") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("preview"), problems, CampaignKeys.Preview);
        given ??= new();
        var every = reader.Duration("every", given.Every)!.Value;
        if (every < PreviewPolicy.EveryMin)
        {
            reader.Refuse("every", "it is no time between two previews", "at least 1s");
            every = given.Every;
        }

        return given with
        {
            Enabled = reader.Flag("enabled", given.Enabled),
            Every = every,
            Levels = ReadLevels(reader, given.Levels),
            OverheadMax = reader.Percent("overhead", given.OverheadMax),
        };
    }

    private static ImmutableArray<int> ReadLevels(MappingReader reader, ImmutableArray<int> given)
    {
        const string Allowed = "whole percents from 1 to 99, each above the one before, 20 at most";
        if (reader.Value("levels") is null)
        {
            return given;
        }

        var levels = ImmutableArray.CreateBuilder<int>();
        foreach (var (_, _, text) in reader.Texts("levels", Allowed))
        {
            if (int.TryParse(text.EndsWith('%') ? text[..^1].TrimEnd() : text, NumberStyles.None, CultureInfo.InvariantCulture, out var level))
            {
                levels.Add(level);
            }
            else
            {
                reader.Refuse("levels", $"\"{text}\" is no level", Allowed);
                return given;
            }
        }

        var read = levels.ToImmutable();
        if (new PreviewPolicy { Levels = read }.Problem() is null)
        {
            return read;
        }

        reader.Refuse("levels", $"[{string.Join(", ", read)}] are no levels of previews", Allowed);
        return given;
    }
}
