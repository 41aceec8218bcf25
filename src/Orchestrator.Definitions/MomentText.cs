using System.Globalization;

namespace Orchestrator.Definitions;

/// <summary>Moments as people write them on a command line: <c>2026-08-01T08:00:00Z</c>, <c>2026-08-01T08:00+02:00</c>, <c>now</c>, or from now on, <c>+2h</c>.</summary>
public static class MomentText
{
    public const string Allowed = "a moment with its zone (2026-08-01T08:00:00Z, 2026-08-01T08:00+02:00), now, or from now on (+2h, +1-12:00:00)";

    /// <returns>True with a moment in UTC; false with what is wrong with the text.</returns>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset moment, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        moment = now;
        problem = "";
        if (text == "now")
        {
            return true;
        }

        if (text.StartsWith('+'))
        {
            if (!DurationText.TryParse(text[1..], out var later, out problem))
            {
                return false;
            }

            moment = now + later;
            return true;
        }

        // A time without zone would be another moment for each reader.
        if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment)
            || DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mmzzz"], CultureInfo.InvariantCulture, DateTimeStyles.None, out moment))
        {
            moment = moment.ToUniversalTime();
            return true;
        }

        problem = DateTime.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? $"\"{text}\" has no zone: {text}Z is UTC"
            : $"\"{text}\" is no moment";
        return false;
    }
}
