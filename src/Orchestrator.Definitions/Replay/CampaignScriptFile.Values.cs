using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions.Replay;

/// <content>Single values of the file, and what they may be.</content>
public sealed partial class CampaignScriptFile
{
    private const string RangeAllowed = "one value, or the smallest and the largest as 2..8";
    private const string NameAllowed = "1 to 40 of a-z, 0-9, '_' and '-'";

    private static string Name(MappingReader reader, string key, string fallback)
    {
        if (reader.Text(key, NameAllowed) is not { } name)
        {
            return fallback;
        }

        if (name.Length <= 40 && name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-'))
        {
            return name;
        }

        reader.Refuse(key, $"\"{name}\" cannot be part of an id", NameAllowed);
        return fallback;
    }

    private static double Number(MappingReader reader, string key, double least, double most, double fallback)
    {
        var allowed = string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}");
        if (reader.Text(key, allowed) is not { } text)
        {
            return fallback;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        reader.Refuse(key, $"\"{text}\" is not in range", allowed);
        return fallback;
    }

    /// <summary>Time from the beginning; "0s" too.</summary>
    private static TimeSpan? Elapsed(MappingReader reader, string key) =>
        reader.Value(key) is YamlScalarNode { Value: "0" or "0s" or "0d" } ? TimeSpan.Zero : reader.Duration(key, null);

    private static (int Low, int High) Counts(MappingReader reader, string key, int most)
    {
        if (reader.Text(key, RangeAllowed) is not { } text)
        {
            return (1, 1);
        }

        if (Range(text, Whole) is { } range && range.Low >= 1 && range.High <= most && range.Low <= range.High)
        {
            return range;
        }

        reader.Refuse(key, $"\"{text}\" is no count", string.Create(CultureInfo.InvariantCulture, $"a whole number from 1 to {most}, or the smallest and the largest as 2..8"));
        return (1, 1);
    }

    private static (TimeSpan Low, TimeSpan High)? Times(MappingReader reader, string key)
    {
        if (reader.Text(key, DurationText.Allowed) is not { } text)
        {
            return null;
        }

        if (Range(text, Time) is { } range
            && range.Low <= range.High && (range.Low > TimeSpan.Zero || key == "submitted"))
        {
            return range;
        }

        reader.Refuse(key, $"\"{text}\" is no time", $"{DurationText.Allowed}, or the shortest and the longest as 2h..3d");
        return null;
    }

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? Time(string text) => text is "0" or "0s" or "0d" ? TimeSpan.Zero : DurationText.TryParse(text, out var time, out _) ? time : null;

    private static (T Low, T High)? Range<T>(string text, Func<string, T?> read) where T : struct
    {
        var parts = text.Split("..");
        return parts.Length switch
        {
            1 when read(parts[0].Trim()) is { } only => (only, only),
            2 when read(parts[0].Trim()) is { } low && read(parts[1].Trim()) is { } high => (low, high),
            _ => null,
        };
    }

    private static TimeSpan Between((TimeSpan Low, TimeSpan High) range, double part) => range.Low + ((range.High - range.Low) * part);
}
