using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What of one that waits does not change while it waits. Times are UTC ticks.</summary>
internal struct WaitingFacts
{
    public PendingRequest Request;

    /// <summary>Seconds, at least 1.</summary>
    public double Seconds;

    /// <summary>Core-seconds.</summary>
    public double Area;

    /// <summary>The step of size of the area (<see cref="LearnedWork.StepOf"/>).</summary>
    public int Step;

    /// <summary>Since when it waits; -1: nothing is known of its wait.</summary>
    public long Since;

    /// <summary><see cref="long.MaxValue"/>: it has none.</summary>
    public long Deadline;

    /// <summary>Ticks that are left of its simulation's work.</summary>
    public long Work;

    /// <summary>The higher of its own class and an inherited one.</summary>
    public PriorityClass Class;

    /// <summary>As it was told: it need not be a number.</summary>
    public double Promise;

    /// <summary>The priority that was set in place of the computed one; not a number: none was.</summary>
    public double Override;

    /// <summary>Its place in the fair tree, and what it will use, as of one <see cref="FairTree.Generation"/>.</summary>
    public FairNode? User;
    public double Cost;
    public int Generation;

    public WaitingFacts(PendingRequest request)
    {
        Request = request;
        Seconds = Math.Max(1, FairTree.Length(request) / (double)TimeSpan.TicksPerSecond);
        // A limit beyond all machines, so that sums stay whole numbers.
        Area = Math.Min(Seconds * Math.Max(1, FairTree.Cores(request.Resources)), 1e13);
        Step = LearnedWork.StepOf(Area);
        Since = request.QueuedSince == default ? -1 : request.QueuedSince.UtcTicks;
        Deadline = request.Deadline?.UtcTicks ?? long.MaxValue;
        Work = (request.WorkAhead ?? request.DurationEstimate)?.Ticks ?? 0;
        var own = request.Priority == PriorityClass.Absent ? PriorityClass.Medium : request.Priority;
        Class = own >= request.Inherited ? own : request.Inherited;
        Promise = request.Promise;
        Override = request.PriorityOverride ?? double.NaN;
        Generation = -1;
    }
}
