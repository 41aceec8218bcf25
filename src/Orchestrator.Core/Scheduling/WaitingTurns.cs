using System.Collections;
using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Scheduling;

/// <summary>Those that a plan does not start, in turn. They stay where they are, since few of them are looked at.</summary>
internal sealed class WaitingTurns : IReadOnlyList<StillWaiting>
{
    private readonly List<int> turns = [];
    private IReadOnlyList<RankedRequest> ranked = [];
    private ImmutableArray<WaitingTurn> waiting = [];

    public int Count => turns.Count;

    public StillWaiting this[int index] => new(ranked[turns[index]], waiting[index]);

    /// <summary>The next one waits in this turn.</summary>
    public void Add(int turn) => turns.Add(turn);

    /// <summary>All were added.</summary>
    /// <param name="queue">By turns.</param>
    /// <param name="reasons">One for each that was added, in that order.</param>
    public void Of(IReadOnlyList<RankedRequest> queue, ImmutableArray<WaitingTurn> reasons) => (ranked, waiting) = (queue, reasons);

    public void Clear()
    {
        turns.Clear();
        (ranked, waiting) = ([], []);
    }

    public IEnumerator<StillWaiting> GetEnumerator()
    {
        for (var index = 0; index < turns.Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
