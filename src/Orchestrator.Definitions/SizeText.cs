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

    /// <summary>As <see cref="TryParse"/> reads it, in the largest unit of which it is a whole number; what is no whole number of K to the byte below 1T, above that to some bytes.</summary>
    public static string Write(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        const string Units = "KMGTP";
        for (var unit = Units.Length; unit >= 1; unit--)
        {
            var (whole, rest) = Math.DivRem(bytes, 1L << (10 * unit));
            if (rest == 0 && whole < 1_000_000_000)
            {
                return FormattableString.Invariant($"{whole}{Units[unit - 1]}");
            }
        }

        // Rounded up, so that what is read, which is rounded down, is the same again.
        var at = bytes < 1L << 39 ? 1 : 4;
        var size = Math.Ceiling((decimal)bytes / (1L << (10 * at)) * 1_000_000) / 1_000_000;
        return FormattableString.Invariant($"{size:0.######}{Units[at - 1]}");
    }

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)\s?([KMGTP])(?:iB)?\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[0-9.]+\z")]
    private static partial Regex Bare();
}
