using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>Slurm's short form of many hosts: <c>n[1-3,7],rack[01-02]n[1-2]</c>.</summary>
internal static class HostList
{
    private const int HostsMax = 100_000;

    /// <summary>Each host in its place.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static List<string> Expand(string text)
    {
        var hosts = new List<string>();
        foreach (var part in Parts(text))
        {
            Expand("", part, hosts);
        }

        return hosts;
    }

    /// <summary>16(x2),8: a number for each node.</summary>
    public static List<int> ExpandCounts(string text)
    {
        var counts = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var open = part.IndexOf("(x", StringComparison.Ordinal);
            var times = open < 0 ? 1 : Number(part[(open + 2)..].TrimEnd(')'));
            counts.AddRange(Enumerable.Repeat(Number(open < 0 ? part : part[..open]), Math.Min(times, HostsMax)));
        }

        return counts;
    }

    /// <summary>Splits at commas that are not in brackets.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        var (depth, start) = (0, 0);
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length || (text[at] == ',' && depth == 0))
            {
                if (at > start)
                {
                    yield return text[start..at];
                }

                start = at + 1;
            }
            else
            {
                depth += text[at] switch { '[' => 1, ']' => -1, _ => 0 };
            }
        }
    }

    private static void Expand(string before, string rest, List<string> hosts)
    {
        var open = rest.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            hosts.Add(before + rest);
            return;
        }

        var close = rest.IndexOf(']', open);
        if (close < 0)
        {
            throw new FormatException($"\"{rest}\" has no end of its bracket");
        }

        foreach (var range in rest[(open + 1)..close].Split(','))
        {
            var ends = range.Split('-');
            var (first, last) = (Number(ends[0]), Number(ends[^1]));
            for (var number = first; number <= last && hosts.Count < HostsMax; number++)
            {
                Expand(before + rest[..open] + number.ToString(CultureInfo.InvariantCulture).PadLeft(ends[0].Length, '0'), rest[(close + 1)..], hosts);
            }
        }
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"\"{text}\" is no number");
}
