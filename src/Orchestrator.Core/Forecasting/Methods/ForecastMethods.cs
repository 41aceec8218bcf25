using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>The methods by their names.</summary>
public static class ForecastMethods
{
    /// <summary>The method that is taken unless another one is clearly better.</summary>
    internal const string Default = "combination";

    /// <summary>The default for use that comes now and then.</summary>
    internal const string DefaultIntermittent = "intermittent-combination";

    /// <summary>Names that a user may ask for.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        Default, "naive", "seasonal-naive", "mean", "moving-average", "drift", "linear", "ses", "holt", "damped-trend", "holt-winters", "damped-holt-winters", "theta", "arima", "random-forest", "croston", "tsb", DefaultIntermittent,
    ];

    /// <summary>Other words for them.</summary>
    private static readonly ImmutableSortedDictionary<string, string> Synonyms = new Dictionary<string, string>
    {
        ["ensemble"] = Default,
        ["forest"] = "random-forest",
        ["linear-regression"] = "linear",
        ["exponential-smoothing"] = "ses",
        ["ets"] = "damped-holt-winters",
        ["last"] = "naive",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The name of a method as it is listed; null: there is none.</summary>
    public static string? Listed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = name.Trim().ToLowerInvariant().Replace('_', '-');
        plain = Synonyms.GetValueOrDefault(plain, plain);
        return Names.Contains(plain) ? plain : null;
    }

    /// <exception cref="ForecastException">There is no such method.</exception>
    internal static IForecastMethod Named(string name, SeriesStep step) => Listed(name) switch
    {
        Default => Usual(step),
        DefaultIntermittent => NowAndThen(step),
        "naive" => new LastValue(),
        "seasonal-naive" => new SeasonalNaive(),
        "mean" => Over("mean", new WindowMean("mean", 0)),
        "moving-average" => Over("moving-average", new WindowMean("moving-average", SeriesCalendar.Windows(step)[1])),
        "drift" => Over("drift", new Drift()),
        "linear" => Over("linear", new LinearTrend()),
        "ses" => Over("ses", new ExponentialSmoothing("ses")),
        "holt" => Over("holt", new ExponentialSmoothing("holt", hasTrend: true)),
        "damped-trend" => Over("damped-trend", new ExponentialSmoothing("damped-trend", hasTrend: true, isDamped: true)),
        "holt-winters" => new ExponentialSmoothing("holt-winters", hasTrend: true, hasSeason: true),
        "damped-holt-winters" => new ExponentialSmoothing("damped-holt-winters", hasTrend: true, isDamped: true, hasSeason: true),
        "theta" => Over("theta", new Theta("theta")),
        "arima" => Over("arima", new Arima()),
        "random-forest" => new Forest(),
        "croston" => new Intermittent("croston", forgets: false, 0.1),
        "tsb" => new Intermittent("tsb", forgets: true, 0.1),
        _ => throw new ForecastException($"there is no method '{name}'; allowed: {string.Join(", ", Names)}"),
    };

    /// <summary>What is tried beside the default.</summary>
    internal static ImmutableArray<string> Rivals(bool isIntermittent) => isIntermittent
        ? [Default, "naive", "seasonal-naive", "moving-average", "tsb", "croston", "ses"]
        : ["naive", "seasonal-naive", "moving-average", "linear", "ses", "holt", "damped-trend", "holt-winters", "theta", "arima"];

    /// <summary>Slow levels of several kinds: with as little as a year or two of months, a level that moves slowly errs least, and a trend is only hinted at.</summary>
    private static Seasonal Usual(SeriesStep step) => Over(Default, new Combination(Default,
    [
        .. Means(step),
        new WindowMean("mean", 0),
        new ExponentialSmoothing("ses-0.05", alpha: 0.05),
        new ExponentialSmoothing("ses-0.1", alpha: 0.1),
        new ExponentialSmoothing("ses-0.2", alpha: 0.2),
        new Theta("theta-0.1", 0.1),
        new ExponentialSmoothing("damped-trend", hasTrend: true, isDamped: true, alpha: 0.2),
    ]));

    private static Combination NowAndThen(SeriesStep step) => new(DefaultIntermittent,
    [
        .. Means(step),
        new Intermittent("tsb-0.05", forgets: true, 0.05),
        new Intermittent("tsb-0.1", forgets: true, 0.1),
        new Intermittent("tsb-0.2", forgets: true, 0.2),
        new ExponentialSmoothing("ses-0.1", alpha: 0.1),
    ]);

    private static IEnumerable<IForecastMethod> Means(SeriesStep step) =>
        SeriesCalendar.Windows(step).ToArray().Select(static length => new WindowMean(string.Create(CultureInfo.InvariantCulture, $"mean-{length}"), length));

    private static Seasonal Over(string name, IForecastMethod inner) => new(name, inner);
}
