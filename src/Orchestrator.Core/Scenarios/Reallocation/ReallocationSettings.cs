namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>How priorities and shares follow evaluations.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reallocation-settings")]
public sealed record ReallocationSettings
{
    [Id(0)] public ReallocationStrategy Strategy { get; init; } = ReallocationStrategy.Balanced;

    /// <summary>Between two evaluations that may move anything.</summary>
    [Id(1)] public TimeSpan Interval { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Smaller changes of a priority are none, 0 to 1.</summary>
    [Id(2)] public double MinimumChange { get; init; } = 0.05;

    /// <summary>What one may lose of its own at once, 0 to 1.</summary>
    [Id(3)] public double MaximumShift { get; init; } = 0.2;

    /// <summary>The part of an equal share that nobody is pushed below, 0 to 1.</summary>
    [Id(4)] public double FloorShare { get; init; } = 0.1;

    /// <summary>What priorities follow; absent: the evaluation.</summary>
    [Id(5)] public PriorityRule Priorities { get; init; } = PriorityRule.Evaluation;

    /// <summary>What is wrong; each sentence names the field and what is allowed.</summary>
    public static IEnumerable<string> Problems(ReallocationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Strategy is < ReallocationStrategy.Balanced or > ReallocationStrategy.Aggressive)
        {
            yield return "strategy: balanced, proportional, threshold, gradual, stepwise, bandit and aggressive are allowed.";
        }

        if (settings.Priorities is < PriorityRule.Absent or > PriorityRule.Ranking)
        {
            yield return "priorities: evaluation and ranking are allowed.";
        }

        if (settings.Interval <= TimeSpan.Zero)
        {
            yield return $"interval: it is {settings.Interval}; more than 0 is needed.";
        }

        foreach (var (field, value) in new[] { ("minimumChange", settings.MinimumChange), ("maximumShift", settings.MaximumShift), ("floorShare", settings.FloorShare) })
        {
            if (value is not (>= 0 and <= 1))
            {
                yield return FormattableString.Invariant($"{field}: it is {value}; 0 to 1 is allowed.");
            }
        }
    }
}
