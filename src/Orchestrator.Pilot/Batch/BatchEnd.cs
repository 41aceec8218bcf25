using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>When a batch job ends whose variables do not say so: what its batch system answers, and where that cannot be asked, its longest time counted from its beginning.</summary>
internal static class BatchEnd
{
    /// <summary>Finds out.</summary>
    /// <param name="job">Read from the variables.</param>
    /// <param name="variable">The value of a variable, null where it is not set.</param>
    /// <param name="ask">What a program of the batch system prints; null where it is not there or fails.</param>
    /// <param name="begun">When the session of this process began, which is that of the job; null: nobody knows.</param>
    /// <param name="now">The time, in the zone in which the batch system tells times.</param>
    /// <returns>Null: nobody knows.</returns>
    public static DateTimeOffset? Of(BatchJob job, Func<string, string?> variable, Func<string, string[], string?> ask, DateTimeOffset? begun, DateTimeOffset now) =>
        job.EndsAt ?? job.System switch
        {
            "PBS" => OfPbs(variable, ask, begun, now),
            "LSF" => variable("LSB_JOBID") is { } id && ask("bjobs", ["-noheader", "-o", "time_left", id]) is { } text ? OfLsf(text, now) : null,
            _ => null,
        };

    /// <summary>Torque sets a variable with seconds; OpenPBS tells in the attributes of the job, a line each.</summary>
    private static DateTimeOffset? OfPbs(Func<string, string?> variable, Func<string, string[], string?> ask, DateTimeOffset? begun, DateTimeOffset now)
    {
        if (long.TryParse(variable("PBS_WALLTIME"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return (begun ?? now) + TimeSpan.FromSeconds(seconds);
        }

        var attributes = (ask("qstat", ["-f", variable("PBS_JOBID") ?? ""]) ?? "").Split('\n')
            .Select(static line => line.Split(" = ", 2, StringSplitOptions.TrimEntries)).Where(static pair => pair.Length == 2)
            .GroupBy(static pair => pair[0]).ToDictionary(static group => group.Key, static group => group.First()[1]);
        if (!attributes.TryGetValue("Resource_List.walltime", out var walltime) || Clock(walltime) is not { } longest)
        {
            return null;
        }

        // As ctime writes it: Sat Nov 21 18:00:00 2026, with a blank before a day of one digit.
        var told = attributes.GetValueOrDefault("stime") ?? attributes.GetValueOrDefault("start_time") ?? "";
        return (DateTime.TryParseExact(told, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite, out var start) ? new DateTimeOffset(start, now.Offset) : begun ?? now) + longest;
    }

    /// <summary>Hours and minutes, and a letter: L until its limit, E and X by an estimate that may be wrong.</summary>
    private static DateTimeOffset? OfLsf(string text, DateTimeOffset now)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words is [var left, "L"] && Clock(left + ":00") is { } time ? now + time : null;
    }

    /// <summary>Hours of any number, minutes, seconds.</summary>
    private static TimeSpan? Clock(string text)
    {
        var parts = text.Split(':');
        var numbers = parts.Select(static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers is [>= 0, >= 0, >= 0] ? new TimeSpan(numbers[0], numbers[1], numbers[2]) : null;
    }
}
