using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>What a method may know of a series beside its values.</summary>
/// <param name="Step">The spacing.</param>
/// <param name="Seasons">Periods that fit at least twice into the shortest history, the shortest first.</param>
internal sealed record SeriesShape(SeriesStep Step, ImmutableArray<int> Seasons)
{
    /// <summary>The shortest period; 1: there is none.</summary>
    public int Season => Seasons.IsEmpty ? 1 : Seasons[0];

    public static SeriesShape Of(SeriesStep step, int count) => new(step, [.. SeriesCalendar.Seasons(step).ToArray().Where(season => count >= 2 * season)]);
}
