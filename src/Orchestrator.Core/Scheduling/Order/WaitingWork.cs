namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// All that wait, side by side, in the order in which they are listed, kept from ranking to ranking: what is listed in the same place again is not looked at again, and neither is what only moved up
/// a little because others before it left.
/// </summary>
internal sealed class WaitingWork
{
    /// <summary>So far ahead it is looked for what moved up.</summary>
    private const int MovedMost = 4;

    private WaitingFacts[] facts = [];

    public int Count { get; private set; }

    public Span<WaitingFacts> Facts => facts.AsSpan(0, Count);

    public ref WaitingFacts this[int index] => ref facts[index];

    public void Load(IReadOnlyCollection<PendingRequest> pending)
    {
        if (facts.Length < pending.Count)
        {
            Array.Resize(ref facts, Spare.Length(facts.Length, pending.Count));
        }

        var (known, at) = (Count, 0);
        foreach (var request in pending)
        {
            if (!ReferenceEquals(facts[at].Request, request))
            {
                known = MoveUp(request, at, known);
                if (!ReferenceEquals(facts[at].Request, request))
                {
                    facts[at] = new(request);
                }
            }

            at++;
        }

        // What does not wait any more must not be kept alive.
        if (known > at)
        {
            Array.Clear(facts, at, known - at);
        }

        Count = at;
    }

    /// <summary>Those before it left: it and all behind it take their places. Says how many are known then.</summary>
    private int MoveUp(PendingRequest request, int at, int known)
    {
        for (var by = 1; by <= MovedMost && at + by < known; by++)
        {
            if (ReferenceEquals(facts[at + by].Request, request))
            {
                Array.Copy(facts, at + by, facts, at, known - at - by);
                Array.Clear(facts, known - by, by);
                return known - by;
            }
        }

        return known;
    }
}
