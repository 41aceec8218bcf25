using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Usage;

/// <summary>Lists of nodes as Slurm writes them: <c>n[01-03,07],login1</c>; each range counts up with leading zeros as they are.</summary>
internal static class NodeListText
{
    /// <summary>A list that names more is not believed.</summary>
    private const int NodesMax = 20_000;

    /// <summary>The names in their order. What is not understood stands for itself, as one name.</summary>
    public static ImmutableArray<string> Expand(string text)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var part in Parts(text))
        {
            if (!Add(names, part) || names.Count > NodesMax)
            {
                return [text];
            }
        }

        return names.ToImmutable();
    }

    /// <summary>At the commas that are not inside brackets.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        var (start, depth) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            depth += text[at] switch { '[' => 1, ']' => -1, _ => 0 };
            if (text[at] == ',' && depth == 0)
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }

    private static bool Add(ImmutableArray<string>.Builder names, string part)
    {
        var open = part.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            names.Add(part);
            return part.Length > 0 && !part.Contains(']', StringComparison.Ordinal);
        }

        // Several brackets in one name, one inside the other's range, are rare: the name stays as it is written.
        if (!part.EndsWith(']') || part.IndexOf('[', open + 1) >= 0)
        {
            return false;
        }

        foreach (var range in part[(open + 1)..^1].Split(','))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var first = dash < 0 ? range : range[..dash];
            if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                || !int.TryParse(dash < 0 ? range : range[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var until) || until < from || until - from > NodesMax)
            {
                return false;
            }

            for (var number = from; number <= until; number++)
            {
                names.Add(part[..open] + number.ToString(CultureInfo.InvariantCulture).PadLeft(first.Length, '0'));
            }
        }

        return true;
    }
}
