using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Rendering;

/// <summary>How files of previews are called: <c>progressive_25pct_7</c>, which is level and order, and whatever the program writes behind it (<c>.png</c>).</summary>
public static partial class PreviewName
{
    /// <summary>The name that an order asks for; the program adds the ending, or makes it a directory.</summary>
    public static string Of(int level, long order) => string.Create(CultureInfo.InvariantCulture, $"progressive_{level}pct_{order}");

    /// <summary>Reads the level, and the order if there is one, from the last part of a path.</summary>
    /// <returns>False for what is not called like a preview.</returns>
    public static bool TryParse(string path, out int level, out long order)
    {
        (level, order) = (0, 0);
        var match = Shape().Match(path.TrimEnd('/'));
        if (!match.Success)
        {
            return false;
        }

        level = int.Parse(match.Groups["level"].ValueSpan, CultureInfo.InvariantCulture);
        _ = long.TryParse(match.Groups["order"].ValueSpan, CultureInfo.InvariantCulture, out order);
        return level is >= 1 and <= 100;
    }

    [GeneratedRegex(@"(^|/)progressive_(?<level>[0-9]{1,3})pct_((?<order>[0-9]{1,18})(?![A-Za-z0-9]))?[^/]*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
