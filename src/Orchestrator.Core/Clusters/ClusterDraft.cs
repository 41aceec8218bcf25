using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Clusters;

/// <summary>Facts as they are decided, and the state after them, on which the next one is decided: several inputs that come together are stored together.</summary>
public sealed class ClusterDraft(ClusterState state, DateTimeOffset now)
{
    public ClusterState State { get; private set; } = state;

    public DateTimeOffset Now => now;

    public List<ClusterFact> Facts { get; } = [];

    /// <summary>What was decided of the reservation that was asked for last, with what it was offered instead; null: none was.</summary>
    public ReservationDecision? Decided { get; internal set; }

    /// <summary>Where it stands, to go back to when an input turns out not to be one that can be taken.</summary>
    public (ClusterState State, int Facts) Mark => (State, Facts.Count);

    internal void Add(ClusterFact fact)
    {
        var told = ClusterEvents.Of(State, fact, now);
        Facts.Add(fact);
        State = ClusterFold.Apply(State, fact, now);
        if (told is not null)
        {
            var happened = new ClusterFact.Happened { Event = told };
            Facts.Add(happened);
            State = ClusterFold.Apply(State, happened, now);
        }
    }

    /// <summary>Takes back what was decided since.</summary>
    public void GoBack((ClusterState State, int Facts) mark)
    {
        State = mark.State;
        Facts.RemoveRange(mark.Facts, Facts.Count - mark.Facts);
    }
}
