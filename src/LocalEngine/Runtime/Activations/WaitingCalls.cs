namespace Orleans.Local;

/// <summary>Calls in the order in which they came, as a list through the calls themselves: waiting costs no allocation.</summary>
internal sealed class WaitingCalls
{
    private GrainCall? last;
    private int overtakers;

    public GrainCall? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Some may run while an ordinary call does.</summary>
    public bool HasOvertakers => overtakers > 0;

    public void Add(GrainCall call)
    {
        call.NextWaiting = null;
        if (last is null)
        {
            First = call;
        }
        else
        {
            last.NextWaiting = call;
        }

        last = call;
        Count++;
        if (call.MayOvertake)
        {
            overtakers++;
        }
    }

    /// <param name="previous">The call before it; null for the first.</param>
    /// <param name="call">A call of this list.</param>
    public void Remove(GrainCall? previous, GrainCall call)
    {
        if (previous is null)
        {
            First = call.NextWaiting;
        }
        else
        {
            previous.NextWaiting = call.NextWaiting;
        }

        if (ReferenceEquals(last, call))
        {
            last = previous;
        }

        call.NextWaiting = null;
        Count--;
        if (call.MayOvertake)
        {
            overtakers--;
        }
    }

    public List<GrainCall> TakeAll()
    {
        var all = new List<GrainCall>(Count);
        for (var call = First; call is not null; call = call.NextWaiting)
        {
            all.Add(call);
        }

        First = last = null;
        Count = overtakers = 0;
        return all;
    }
}
