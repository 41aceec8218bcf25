using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Definitions;

/// <summary>Rates of networks as vendors write them: <c>10Gbit</c> is 10 x 1000^3 bits per second.</summary>
public static partial class RateText
{
    public const string Allowed = "a number with Mbit, Gbit or Tbit, bits per second, powers of 1000 (100Mbit, 10Gbit, 0.4Tbit)";

    /// <returns>True with bits per second above zero; false with what is wrong with the text.</returns>
    public static bool TryParse(string text, out long bitsPerSecond, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        (bitsPerSecond, problem) = (0, "");
        if (Shape().Match(text) is not { Success: true } match)
        {
            problem = Ambiguous().IsMatch(text) ? $"\"{text}\" could be bits or bytes, by 1000 or by 1024" : $"\"{text}\" is no rate";
            return false;
        }

        var factor = match.Groups[2].Value switch { "M" => 1_000_000L, "G" => 1_000_000_000L, _ => 1_000_000_000_000L };
        bitsPerSecond = (long)(decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * factor);
        if (bitsPerSecond is >= 1 and <= 1_000_000_000_000_000)
        {
            return true;
        }

        problem = $"\"{text}\" is not between 1 bit and 1000Tbit per second";
        return false;
    }

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)\s?([MGT])bit\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[0-9.]+\s?[kKMGT]?(i?[bB](ps|/s)?)?\z")]
    private static partial Regex Ambiguous();
}
