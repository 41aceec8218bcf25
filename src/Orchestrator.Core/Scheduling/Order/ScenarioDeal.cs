using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// Scenarios of one set divide the places that the set's work has in the queue by their shares: the next place is that of the scenario that has the least for its share
/// (<see cref="ScenarioSetUse"/>), with what its work in earlier places is going to use. So nothing changes between the set and others, and inside a scenario its own order stays. A priority that was set,
/// and a deadline at risk, keep their places, and count.
/// </summary>
internal sealed class ScenarioDeal
{
    /// <summary>A deadline is at risk when its factor is above this.</summary>
    private const double AtRisk = 0.5;

    private int[] dealt = [];
    private double[] ranks = [];

    /// <param name="items">The indexes of all that wait, in their turn.</param>
    /// <param name="context">What scenarios got.</param>
    /// <param name="waiting">All that wait.</param>
    /// <param name="factors">Of each.</param>
    /// <param name="priorities">Of each; who takes a place has the priority of the place.</param>
    /// <param name="sources">Of each; who takes a place by its share says so.</param>
    /// <returns>The indexes in the turn that they have then; good until the next call.</returns>
    public ReadOnlySpan<int> Deal(
        ReadOnlySpan<int> items, SchedulingContext context, ReadOnlySpan<WaitingFacts> waiting, PriorityFactors[] factors, double[] priorities, PrioritySource[] sources)
    {
        if (context.Scenarios.IsEmpty)
        {
            return items;
        }

        var sets = new Dictionary<ScenarioId, Dictionary<string, Scenario>>();
        foreach (var index in items)
        {
            if (waiting[index].Request.Share is { } share)
            {
                var scenario = Of(sets, context, share);
                if (IsFixed(index, factors, sources))
                {
                    scenario.Pass += waiting[index].Area / scenario.Share;
                }
                else
                {
                    scenario.Waiting.Enqueue(index);
                }
            }
        }

        if (sets.Count == 0)
        {
            return items;
        }

        var turns = new Dictionary<ScenarioId, PriorityQueue<Scenario, Turn>>(sets.Count);
        foreach (var (set, scenarios) in sets)
        {
            turns.Add(set, new(scenarios.Values.Where(static scenario => scenario.Waiting.Count > 0).Select(static scenario => (scenario, scenario.Turn))));
        }

        if (dealt.Length < items.Length)
        {
            var size = items.Length + (items.Length / 2);
            (dealt, ranks) = (new int[size], new double[size]);
        }

        // Who takes a place has its priority, so that priorities still fall from turn to turn: all are read before any is given away.
        for (var turn = 0; turn < items.Length; turn++)
        {
            (dealt[turn], ranks[turn]) = (items[turn], priorities[items[turn]]);
        }

        for (var turn = 0; turn < items.Length; turn++)
        {
            var index = items[turn];
            if (waiting[index].Request.Share is not { } share || IsFixed(index, factors, sources))
            {
                continue;
            }

            var queue = turns[share.Set];
            var scenario = queue.Dequeue();
            dealt[turn] = scenario.Waiting.Dequeue();
            scenario.Pass += waiting[dealt[turn]].Area / scenario.Share;
            if (scenario.Waiting.Count > 0)
            {
                queue.Enqueue(scenario, scenario.Turn);
            }
        }

        for (var turn = 0; turn < items.Length; turn++)
        {
            var index = dealt[turn];
            if (waiting[index].Request.Share is not null && !IsFixed(index, factors, sources))
            {
                (priorities[index], sources[index]) = (ranks[turn], PrioritySource.Share);
            }
        }

        return dealt.AsSpan(0, items.Length);
    }

    private static bool IsFixed(int index, PriorityFactors[] factors, PrioritySource[] sources) => sources[index] != PrioritySource.Computed || factors[index].Deadline > AtRisk;

    private static Scenario Of(Dictionary<ScenarioId, Dictionary<string, Scenario>> sets, SchedulingContext context, ScenarioShare share)
    {
        if (!sets.TryGetValue(share.Set, out var scenarios))
        {
            sets.Add(share.Set, scenarios = new(StringComparer.Ordinal));
        }

        if (!scenarios.TryGetValue(share.Scenario, out var scenario))
        {
            // Its members are told one after the other: what was last said of any of them holds for all.
            var known = context.Scenarios.GetValueOrDefault(share.Set.Value)?.Scenarios.GetValueOrDefault(share.Scenario);
            scenarios.Add(share.Scenario, scenario = new(share.Scenario, Math.Max(ScenarioShare.Least, known?.Share ?? share.Share)) { Pass = known?.Pass ?? 0 });
        }

        return scenario;
    }

    private sealed class Scenario(string name, double share)
    {
        public double Share => share;

        /// <summary>Core-seconds for its share.</summary>
        public double Pass { get; set; }

        /// <summary>The indexes of its work, in its own order.</summary>
        public Queue<int> Waiting { get; } = new();

        public Turn Turn => new(Pass, share, name);
    }

    /// <summary>The least for its share; then the larger share; then the name.</summary>
    private readonly record struct Turn(double Pass, double Share, string Name) : IComparable<Turn>
    {
        public int CompareTo(Turn other)
        {
            var byPass = Pass.CompareTo(other.Pass);
            var byShare = byPass != 0 ? byPass : other.Share.CompareTo(Share);
            return byShare != 0 ? byShare : string.CompareOrdinal(Name, other.Name);
        }
    }
}
