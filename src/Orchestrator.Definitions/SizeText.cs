using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Definitions;

/// <summary>Sizes in Slurm's spelling: <c>4G</c> is 4 x 1024^3 bytes.</summary>
public static partial class SizeText
{
    public const string Allowed = "a number with K, M, G, T or P, powers of 1024 (512M, 4G, 1.5T)";

    /// <returns>True with bytes above zero; false with what is wrong with the text.</returns>
    public static bool TryParse(string text, out long bytes, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        if (Shape().Match(text) is not { Success: true } match)
        {
            problem = Bare().IsMatch(text) ? $"\"{text}\" has no unit: {text}M is megabytes, as Slurm reads it, not bytes"
                : text.EndsWith('B') ? $"\"{text}\" could count by 1000 or by 1024"
                : $"\"{text}\" is no size";
            return false;
        }

        var factor = 1L << (10 * (1 + "KMGTP".IndexOf(match.Groups[2].Value, StringComparison.Ordinal)));
        var size = decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * factor;
        if (size is < 1 or > (1L << 60))
        {
            problem = $"\"{text}\" is not between 1 byte and 1024P";
            return false;
        }

        bytes = (long)size;
        problem = "";
        return true;
    }

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)\s?([KMGTP])(?:iB)?\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[0-9.]+\z")]
    private static partial Regex Bare();
}
