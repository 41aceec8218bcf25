using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Priorities;

/// <summary>
/// The priorities of scenarios with the history of their changes. Each change has a reason; without data nothing changes; what a person set stays until that is taken back.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-priorities")]
public sealed record ScenarioPriorities
{
    /// <summary>Changes that are kept, over all scenarios.</summary>
    public const int ChangesMax = 500;

    [Id(0)] public ImmutableSortedDictionary<string, ScenarioPriority> Priorities { get; init; } = ImmutableSortedDictionary<string, ScenarioPriority>.Empty;

    /// <summary>Oldest first.</summary>
    [Id(1)] public ImmutableArray<PriorityChange> Changes { get; init; } = [];

    /// <summary>Whether a difference is large enough to act on; as large as the threshold is, but for rounding.</summary>
    public static bool ShouldAdjust(double present, double wanted, double minimumChange = 0.05) => Math.Abs(wanted - present) >= minimumChange - 1e-9;

    public double Of(string scenario) => Priorities.TryGetValue(scenario, out var priority) ? priority.Value : ScenarioPriority.Initial;

    /// <summary>
    /// Follows an assessment to its suggested priority. Less than the minimum change is none, unless it is forced; the time is stored either way.
    /// </summary>
    public ScenarioPriorities Follow(Assessment assessment, DateTimeOffset now, double minimumChange = 0.05, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        return assessment.Confidence > 0
            ? Move(assessment.Scenario, assessment.SuggestedPriority, PriorityReason.EvaluationChanged, string.Join(' ', assessment.Reasons.Take(2)), now, minimumChange, force)
            : Looked(assessment.Scenario, now);
    }

    /// <summary>The scores of a ranking become the priorities; a single scenario has nobody to be compared with, and those without data are left as they are.</summary>
    public ScenarioPriorities Follow(IReadOnlyList<RankedScenario> ranking, DateTimeOffset now, double minimumChange = 0.05)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        var after = this;
        if (ranking.Count(static one => one.Rank > 0) < 2)
        {
            return after;
        }

        foreach (var one in ranking.Where(static one => one.Rank > 0))
        {
            after = after.Move(
                one.Scenario, one.Score, PriorityReason.RelativeComparison, string.Create(CultureInfo.InvariantCulture, $"It is {one.Rank}. of {ranking.Count}, with {one.Score:F2} of the best."), now, minimumChange, force: false);
        }

        return after;
    }

    /// <summary>
    /// Sets a priority by hand; outside of 0 to 1 it is the nearest bound. It stays until it is taken back.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no number.</exception>
    public ScenarioPriorities Override(string scenario, double value, string by, string note, DateTimeOffset now)
    {
        if (double.IsNaN(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), "The priority is no number; 0 to 1 is allowed.");
        }

        var wanted = Math.Clamp(value, 0, 1);
        var before = Priorities.GetValueOrDefault(scenario) ?? new();
        if (before.IsOverridden && before.Value == wanted)
        {
            return this;
        }

        return Set(scenario, before with { Value = wanted, IsOverridden = true, UpdatedAt = now }, PriorityReason.ManualOverride, note, by, now);
    }

    /// <summary>Evaluations decide again from the present value on.</summary>
    public ScenarioPriorities TakeBack(string scenario, string by, string note, DateTimeOffset now) =>
        Priorities.TryGetValue(scenario, out var before) && before.IsOverridden
            ? Set(scenario, before with { IsOverridden = false, UpdatedAt = now }, PriorityReason.OverrideTakenBack, note, by, now)
            : this;

    /// <summary>Changes of one scenario or all (null), since a moment, at most so many, the newest; oldest first.</summary>
    public ImmutableArray<PriorityChange> ChangesOf(string? scenario = null, DateTimeOffset? since = null, int? limit = null)
    {
        var found = Changes.Where(change => (scenario is null || change.Scenario == scenario) && (since is null || change.At >= since));
        return [.. limit is { } most ? found.TakeLast(Math.Max(0, most)) : found];
    }

    /// <summary>The value after each change within the window before now, in the order of time, and the slope per day; with fewer than two, 0.</summary>
    public (ImmutableArray<(DateTimeOffset At, double Value)> Points, double PerDay) Trend(string scenario, TimeSpan window, DateTimeOffset now)
    {
        ImmutableArray<(DateTimeOffset At, double Value)> points = [.. Changes.Where(change => change.Scenario == scenario && change.At >= now - window && change.At <= now).OrderBy(static change => change.At).Select(static change => (change.At, change.After))];
        if (points.Length < 2 || points[^1].At == points[0].At)
        {
            return (points, 0);
        }

        var days = points.Select(point => (point.At - points[0].At).TotalDays).ToArray();
        var (meanDay, meanValue) = (days.Average(), points.Average(static point => point.Value));
        return (points, points.Select((point, i) => (days[i] - meanDay) * (point.Value - meanValue)).Sum() / days.Sum(day => (day - meanDay) * (day - meanDay)));
    }

    private ScenarioPriorities Move(string scenario, double wanted, PriorityReason reason, string note, DateTimeOffset now, double minimumChange, bool force)
    {
        var before = Priorities.GetValueOrDefault(scenario) ?? new();
        return before.IsOverridden || (!force && !ShouldAdjust(before.Value, wanted, minimumChange)) || before.Value == wanted
            ? Looked(scenario, now)
            : Set(scenario, before with { Value = Math.Clamp(wanted, 0, 1), UpdatedAt = now }, reason, note, "", now);
    }

    private ScenarioPriorities Looked(string scenario, DateTimeOffset now) =>
        this with { Priorities = Priorities.SetItem(scenario, (Priorities.GetValueOrDefault(scenario) ?? new()) with { UpdatedAt = now }) };

    private ScenarioPriorities Set(string scenario, ScenarioPriority after, PriorityReason reason, string note, string by, DateTimeOffset now) => this with
    {
        Priorities = Priorities.SetItem(scenario, after),
        Changes = [.. Changes.TakeLast(ChangesMax - 1), new() { Scenario = scenario, At = now, Before = Of(scenario), After = after.Value, Reason = reason, Note = note, By = by }],
    };
}
