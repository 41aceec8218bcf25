using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Definitions;

/// <summary>Durations as users of batch systems write them: <c>1-12:00:00</c>, <c>08:00:00</c>, <c>55m</c>, <c>1.5h</c>, <c>1h30m</c>.</summary>
public static partial class DurationText
{
    public const string Allowed = "a number with s, m, h, d or w (90s, 55m, 2h, 3d), several of them (1h30m), HH:MM:SS, or D-HH[:MM[:SS]] (1-12:00:00)";

    private const int DaysMax = 36500;

    /// <returns>True with a duration above zero; false with what is wrong with the text.</returns>
    public static bool TryParse(string text, out TimeSpan duration, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        problem = "";
        double seconds;
        if (WithUnit().Match(text) is { Success: true } unit)
        {
            seconds = Number(unit, "1") * unit.Groups[2].Value switch { "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 604800 };
        }
        else if (WithUnits().Match(text) is { Success: true } units)
        {
            seconds = (Number(units, "w") * 604800) + (Number(units, "d") * 86400) + (Number(units, "h") * 3600) + (Number(units, "m") * 60) + Number(units, "s");
        }
        else if (Clock().Match(text) is { Success: true } clock)
        {
            if ((clock.Groups[1].Success && Number(clock, "2") > 23) || Number(clock, "minutes") > 59 || Number(clock, "seconds") > 59)
            {
                problem = $"\"{text}\" has hours above 23 beside days, or minutes or seconds above 59";
                return false;
            }

            seconds = (Number(clock, "1") * 86400) + (Number(clock, "2") * 3600) + (Number(clock, "minutes") * 60) + Number(clock, "seconds");
        }
        else
        {
            problem = Bare().IsMatch(text) ? $"\"{text}\" has no unit: {text}m is minutes, as Slurm reads it, {text}s is seconds"
                : TwoParts().IsMatch(text) ? $"\"{text}\" could be minutes and seconds, as Slurm reads it (00:{text}), or hours and minutes ({text}:00)"
                : $"\"{text}\" is no duration";
            return false;
        }

        if (seconds is <= 0 or > DaysMax * 86400.0)
        {
            problem = $"\"{text}\" is not above zero and at most {DaysMax} days";
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>As <see cref="TryParse"/> reads it, in the largest unit of which it is a whole number, to the microsecond; 0 as 0, where that is allowed.</summary>
    public static string Write(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return duration == TimeSpan.Zero ? "0"
            : duration.Ticks % TimeSpan.TicksPerDay == 0 ? FormattableString.Invariant($"{duration.Ticks / TimeSpan.TicksPerDay}d")
            : duration.Ticks % TimeSpan.TicksPerHour == 0 ? FormattableString.Invariant($"{duration.Ticks / TimeSpan.TicksPerHour}h")
            : duration.Ticks % TimeSpan.TicksPerMinute == 0 ? FormattableString.Invariant($"{duration.Ticks / TimeSpan.TicksPerMinute}m")
            : FormattableString.Invariant($"{(decimal)duration.Ticks / TimeSpan.TicksPerSecond:0.######}s");
    }

    private static double Number(Match match, string group) =>
        match.Groups[group].Success ? double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^([0-9]{1,12}(?:\.[0-9]{1,6})?)\s?([smhdw])\z")]
    private static partial Regex WithUnit();

    // Two or more whole numbers, the larger unit first, as many programs print them.
    [GeneratedRegex(@"^(?=(?:[0-9]{1,6}[wdhms]){2,5}\z)(?:(?<w>[0-9]+)w)?(?:(?<d>[0-9]+)d)?(?:(?<h>[0-9]+)h)?(?:(?<m>[0-9]+)m)?(?:(?<s>[0-9]+)s)?\z")]
    private static partial Regex WithUnits();

    // With days the minutes and seconds may be left out; without days nothing may.
    [GeneratedRegex(@"^(?:([0-9]{1,6})-)?([0-9]{1,6})(?(1)(?::(?<minutes>[0-9]{1,2})(?::(?<seconds>[0-9]{1,2}))?)?|:(?<minutes>[0-9]{1,2}):(?<seconds>[0-9]{1,2}))\z")]
    private static partial Regex Clock();

    [GeneratedRegex(@"^[0-9.]+\z")]
    private static partial Regex Bare();

    [GeneratedRegex(@"^[0-9]+:[0-9]+\z")]
    private static partial Regex TwoParts();
}
