using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// The mean of several methods without the highest and the lowest at each step. Simple combinations beat the choice of one method where there is little to choose by (Clemen, "Combining forecasts: a
/// review", 1989; Jose and Winkler, "Simple robust averages of forecasts", 2008).
/// </summary>
internal sealed class Combination(string name, ImmutableArray<IForecastMethod> members) : IForecastMethod
{
    public string Name => name;

    public int HistoryMin(SeriesShape shape) => members.Min(member => member.HistoryMin(shape));

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var fitted = new List<IFittedMethod>(members.Length);
        foreach (var member in members)
        {
            if (member.HistoryMin(shape) <= history.Length)
            {
                fitted.Add(member.Fit(history, shape));
            }
        }

        return new Fitted([.. fitted]);
    }

    private sealed class Fitted(ImmutableArray<IFittedMethod> members) : IFittedMethod
    {
        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            var each = new double[members.Length][];
            for (var member = 0; member < members.Length; member++)
            {
                members[member].Forecast(history, each[member] = new double[forecast.Length]);
            }

            Span<double> row = stackalloc double[members.Length];
            var cut = members.Length > 2 ? Math.Max(1, members.Length / 6) : 0;
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                for (var member = 0; member < members.Length; member++)
                {
                    row[member] = each[member][ahead];
                }

                forecast[ahead] = Statistics.TrimmedMean(row, cut);
            }
        }
    }
}
