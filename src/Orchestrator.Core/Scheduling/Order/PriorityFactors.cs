namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What a priority is made of; each from 0 to 1, the greater the sooner.</summary>
public readonly record struct PriorityFactors
{
    /// <summary>
    /// Critical 1, high 0.5, medium 0.2, low 0.1, background 0.05: weights 10, 5, 2, 1 and 0.5, as parts of the largest. At least that of those whose turn by fair share is later, and
    /// who only by their wait are of a higher class.
    /// </summary>
    public double Class { get; init; }

    /// <summary>
    /// x / (x + <see cref="OrderSettings.AgeHalf"/>), where x is how long it waited and its head start; or that of one of its class whose turn by fair share is later, where it is greater.
    /// </summary>
    public double Age { get; init; }

    /// <summary>
    /// Half of it by turns, dealt by shares and usage (100 / (100 + the turns before its own)), half by how little its user, account and institution used of their shares (1: nothing).
    /// </summary>
    public double FairShare { get; init; }

    /// <summary>
    /// Urgency of the deadline: 0 without one; above 0.5 exactly when it is at risk; and among those that are, or are not, the greater the earlier the deadline, whatever the work.
    /// </summary>
    public double Deadline { get; init; }

    /// <summary>How small it is: 1 for the smallest, one half when <see cref="HeadStartSettings.SmallPart"/> of all work came in smaller pieces, near 0 for the largest.</summary>
    public double Size { get; init; }

    /// <summary>What its scenario promises; 0.5: nothing is known.</summary>
    public double Promise { get; init; }
}
