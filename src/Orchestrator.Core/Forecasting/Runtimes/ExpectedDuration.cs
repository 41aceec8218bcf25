using System.Globalization;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>How long work is likely to run, and where the figure comes from.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.expected-duration")]
public sealed record ExpectedDuration
{
    /// <summary>About as often too long as too short; null: nobody knows.</summary>
    [Id(0)] public TimeSpan? Expected { get; init; }

    /// <summary>One of ten runs is shorter; null: too few are known to tell.</summary>
    [Id(1)] public TimeSpan? Lower { get; init; }

    /// <summary>One of ten runs is longer; null: too few are known to tell.</summary>
    [Id(2)] public TimeSpan? Upper { get; init; }

    [Id(3)] public DurationSource Source { get; init; }

    /// <summary>With <see cref="DurationSource.Learned"/>: so many earlier runs it rests on.</summary>
    [Id(4)] public int Runs { get; init; }

    /// <summary>With <see cref="DurationSource.Learned"/>: which runs; a phrase.</summary>
    [Id(5)] public string Basis { get; init; } = "";

    /// <summary>What was asked for; null: nothing.</summary>
    [Id(6)] public TimeSpan? Estimate { get; init; }

    /// <summary><c>from 14 earlier runs (the user's runs of the same program): 2 h 10 min, 1 h 50 min to 3 h 00 min</c>.</summary>
    public string Tell() => Expected is not { } expected ? "nobody says how long it runs" : Source switch
    {
        DurationSource.Learned => string.Create(CultureInfo.InvariantCulture, $"from {Runs} earlier run{(Runs == 1 ? "" : "s")}{(Basis.Length > 0 ? $" ({Basis})" : "")}: {DurationWords.Of(expected)}{Between()}"),
        DurationSource.Progress => $"from its own progress: {DurationWords.Of(expected)}{Between()}",
        _ => $"as estimated: {DurationWords.Of(expected)}; no earlier run is known that says better",
    };

    private string Between() => (Lower, Upper) switch
    {
        ({ } lower, { } upper) => $", {DurationWords.Of(lower)} to {DurationWords.Of(upper)}",
        (null, { } upper) => $", at most {DurationWords.Of(upper)} in nine of ten cases",
        _ => "",
    };

    internal static ExpectedDuration Estimated(TimeSpan? estimate) => new() { Expected = estimate, Source = estimate is null ? DurationSource.Absent : DurationSource.Estimate, Estimate = estimate };
}

/// <summary>Where an expected duration comes from.</summary>
[GenerateSerializer, Alias("orchestrator.duration-source")]
public enum DurationSource
{
    /// <summary>Nobody knows.</summary>
    Absent = 0,

    /// <summary>Earlier runs.</summary>
    Learned = 1,

    /// <summary>How far it got so far.</summary>
    Progress = 2,

    /// <summary>Whoever submitted it.</summary>
    Estimate = 3,
}
