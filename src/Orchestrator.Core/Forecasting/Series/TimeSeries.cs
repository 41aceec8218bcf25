using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>Values at every step, without gaps, oldest first, all of them finite.</summary>
public sealed record TimeSeries
{
    /// <summary>Whose or of what; "": the only one.</summary>
    public string Name { get; init; } = "";

    public SeriesStep Step { get; init; } = SeriesStep.Day;

    /// <summary>The first step, as <see cref="SeriesCalendar.IndexOf"/> counts.</summary>
    public long First { get; init; }

    /// <summary>What was measured or filled in.</summary>
    public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>How many of the values were filled in.</summary>
    public int Filled { get; init; }

    /// <summary>What was wrong with the measurements, and what was made of it; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The step after the last value.</summary>
    public long Next => First + Values.Length;

    /// <summary>The first <paramref name="count"/> values.</summary>
    public TimeSeries Until(int count) => this with { Values = Values[..count] };
}
