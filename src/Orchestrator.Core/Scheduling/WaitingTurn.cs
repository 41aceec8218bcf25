using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>
/// What a plan says of an attempt that it considered and does not start. Attempts of one shape share why; their turns and places are beside it, and the whole reason is put together when it is
/// asked for: a plan tells of thousands, and nobody asks for most of them.
/// </summary>
public readonly record struct WaitingTurn
{
    /// <summary>UTC ticks; 0: what <see cref="Shared"/> says.</summary>
    private readonly long keptFrom;

    /// <param name="request">Who waits.</param>
    /// <param name="reason">Why, with its turn and its planned start.</param>
    public WaitingTurn(PendingRequest request, WaitReason reason)
        : this(request, reason, reason?.Ahead ?? 0, 0)
    {
    }

    /// <param name="request">Who waits.</param>
    /// <param name="shared">Why; its turn means nothing, nor does its planned start if a place is kept.</param>
    /// <param name="ahead">How many were considered before it.</param>
    /// <param name="keptFrom">UTC ticks at which the place in time that is kept for it begins; 0: none is.</param>
    internal WaitingTurn(PendingRequest request, WaitReason? shared, int ahead, long keptFrom)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(shared);
        (Request, Shared, Ahead, this.keptFrom) = (request, shared, ahead, keptFrom);
    }

    /// <summary>Who waits.</summary>
    public PendingRequest Request { get; }

    /// <summary>Who waits.</summary>
    public AttemptId Attempt => Request.Attempt;

    /// <summary>How many were considered before it.</summary>
    public int Ahead { get; }

    /// <summary>The first constraint that keeps it back.</summary>
    public PlacementConstraint Constraint => Shared.Constraint;

    /// <summary>When it starts by the plan, if everybody runs as long as estimated; null: the plan kept nothing for it.</summary>
    public DateTimeOffset? PlannedStart => keptFrom == 0 ? Shared.PlannedStart : new DateTimeOffset(keptFrom, TimeSpan.Zero);

    /// <summary>Why it waits.</summary>
    public WaitReason Reason => keptFrom == 0 && Shared.Ahead == Ahead ? Shared : Shared with { Ahead = Ahead, PlannedStart = PlannedStart };

    /// <summary>Why it waits, but for turn and planned start, which are not its own.</summary>
    internal WaitReason Shared { get; }
}
