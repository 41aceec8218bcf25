namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>What a pass decided for one that waits.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Start">With <see cref="PassVerdict.Started"/> now, with <see cref="PassVerdict.Kept"/> the start of its place, in UTC ticks; else 0.</param>
internal readonly record struct PassResult(PassVerdict Verdict, long Start = 0);

/// <summary>The ways in which a pass decides.</summary>
internal enum PassVerdict
{
    /// <summary>The pass did not come to it: beyond the limit of depth.</summary>
    NotReached = 0,
    Started = 1,

    /// <summary>It waits, and keeps a place in time.</summary>
    Kept = 2,

    /// <summary>It waits for room.</summary>
    NoRoom = 3,

    /// <summary>It waits since a rule beside room keeps it back.</summary>
    Refused = 4,

    /// <summary>It waits for another machine.</summary>
    NeverFits = 5,

    /// <summary>It waits behind one that waits, without having been tried.</summary>
    Behind = 6,
}
