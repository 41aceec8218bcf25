using System.Collections.Immutable;

namespace Orchestrator.Core.Failures;

/// <summary>Which failures are looked at first: the gravest, and of these the oldest.</summary>
public static class FailureTriage
{
    /// <summary>So many are looked at in one pass.</summary>
    public const int AtOnce = 3;

    /// <summary>The gravest, at most <paramref name="most"/>; the rest waits for the next pass.</summary>
    public static ImmutableArray<FailureRecord> Pass(IEnumerable<FailureRecord> open, int most = AtOnce) =>
        [.. Order(open).Take(most)];

    public static IEnumerable<FailureRecord> Order(IEnumerable<FailureRecord> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        return open.Where(static failure => !failure.IsResolved).OrderByDescending(static failure => failure.Severity).ThenBy(static failure => failure.DetectedAt).ThenBy(static failure => failure.Number);
    }
}
