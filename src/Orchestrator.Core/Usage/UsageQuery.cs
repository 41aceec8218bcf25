using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Usage;

/// <summary>Which use is asked for.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-query")]
public sealed record UsageQuery
{
    [Id(0)] public UsageDimension By { get; init; } = UsageDimension.User;

    [Id(1)] public SeriesStep Step { get; init; } = SeriesStep.Month;

    /// <summary>Not before the step in which this lies; null: all that is kept.</summary>
    [Id(2)] public DateTimeOffset? From { get; init; }

    /// <summary>Before this; null: all.</summary>
    [Id(3)] public DateTimeOffset? Until { get; init; }
}
