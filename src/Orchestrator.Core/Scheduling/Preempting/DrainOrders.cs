using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Who must leave for windows and reservations: those to ask now, and when the next one is due.</summary>
internal sealed class DrainOrders(DateTimeOffset now)
{
    /// <summary>Null: nobody was asked yet, as of most leases.</summary>
    private Dictionary<AttemptId, Preemption>? due;

    /// <summary>When the next one is to be asked, after now; null: nobody is.</summary>
    public DateTimeOffset? Next { get; private set; }

    /// <summary>Each once, by attempt: for the earliest that needs it gone.</summary>
    public IReadOnlyList<Preemption> Due =>
        due is null ? [] : [.. due.Select(static pair => (Name: pair.Key.ToString(), Order: pair.Value)).OrderBy(static pair => pair.Name, StringComparer.Ordinal).Select(static pair => pair.Order)];

    public DateTimeOffset Now => now;

    /// <summary>Nobody is to be asked now.</summary>
    public bool IsEmpty => due is null;

    /// <summary>Forgets all that was found.</summary>
    public void Clear() => (due, Next) = (null, null);

    /// <summary>Adds what was found of others.</summary>
    public void Add(DrainOrders other)
    {
        if (other.due is not null)
        {
            foreach (var order in other.due.Values)
            {
                Ask(order);
            }
        }

        if (other.Next is { } next)
        {
            AskAt(next);
        }
    }

    public void Ask(Preemption order)
    {
        due ??= [];
        if (!due.TryGetValue(order.Victim, out var other) || order.StopBy < other.StopBy)
        {
            due[order.Victim] = order;
        }
    }

    /// <summary>It is to be asked at a later moment, if nothing changes.</summary>
    public void AskAt(DateTimeOffset at)
    {
        if (at > now && (Next is null || at < Next))
        {
            Next = at;
        }
    }
}
