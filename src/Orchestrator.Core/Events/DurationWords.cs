using System.Globalization;

namespace Orchestrator.Core.Events;

/// <summary>Durations in sentences for people: <c>2.1 s</c>, <c>31 s</c>, <c>4 min 05 s</c>, <c>3 h 20 min</c>, <c>12 d 4 h</c>.</summary>
public static class DurationWords
{
    public static string Of(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => "-" + Of(-span),
        { TotalSeconds: < 9.95 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        { TotalSeconds: < 99.5 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d {span.Hours} h"),
    };
}
