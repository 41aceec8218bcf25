using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Benchmarks;

/// <summary>1,000 series of three years of days: with the method chosen already, and with the choice by the past. One thread.</summary>
internal static class Forecasts
{
    private const int Days = 1095;

    public static void Run(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
        var series = Enumerable.Range(0, count).Select(Series).ToArray();
        Forecaster.Forecast(series[0], new ForecastOptions { Horizon = 180 });
        foreach (var method in (string?[])["combination", "damped-holt-winters", "arima", null])
        {
            var begun = Stopwatch.GetTimestamp();
            foreach (var each in series)
            {
                Forecaster.Forecast(each, new ForecastOptions { Horizon = 180, Method = method });
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{method ?? "chosen by the past",-20} {count} series of {Days} days: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s"));
        }
    }

    private static TimeSeries Series(int seed)
    {
        var random = new Random(seed);
        var level = 100.0;
        var values = new double[Days];
        for (var day = 0; day < Days; day++)
        {
            level += (random.NextDouble() * 4) - 2;
            values[day] = seed % 4 == 3 && random.NextDouble() < 0.6 ? 0 : Math.Max(0, level + (seed % 3 * 10 * Math.Sin(2 * Math.PI * day / 7)) + (random.NextDouble() * 20));
        }

        return new TimeSeries { Step = SeriesStep.Day, First = 19000, Values = [.. values] };
    }
}
