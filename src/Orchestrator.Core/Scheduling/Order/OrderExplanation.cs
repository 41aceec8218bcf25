using System.Globalization;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>Why one waiting attempt goes before another, in one sentence.</summary>
public static class OrderExplanation
{
    /// <summary>What decides between two of one ranking, of which <paramref name="first"/> goes before <paramref name="second"/>.</summary>
    public static string Between(in RankedRequest first, in RankedRequest second, OrderSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (ahead, behind) = (first.Request, second.Request);
        if (first.Source == PrioritySource.Share && second.Source == PrioritySource.Share && ahead.Share?.Set == behind.Share?.Set && ahead.Share?.Scenario != behind.Share?.Scenario)
        {
            return $"scenario {ahead.Share?.Scenario} has got less for its share of {ahead.Share?.Set} than {behind.Share?.Scenario}";
        }

        if (first.Priority != second.Priority)
        {
            return string.Create(CultureInfo.InvariantCulture, $"priority {first.Priority:0.0000} ({Source(first)}) over {second.Priority:0.0000} ({Source(second)}){Most(first, second, settings)}");
        }

        if (settings.Policy is QueuePolicy.Weighted or QueuePolicy.Deadline && ahead.Deadline != behind.Deadline)
        {
            return behind.Deadline is { } later
                ? string.Create(CultureInfo.InvariantCulture, $"equal priority; the earlier deadline: {ahead.Deadline:u} before {later:u}")
                : string.Create(CultureInfo.InvariantCulture, $"equal priority; it has a deadline: {ahead.Deadline:u}");
        }

        return ahead.SubmissionOrder != behind.SubmissionOrder
            ? "equal priority and deadline; it was submitted earlier"
            : "equal priority, deadline and submission; its id is the smaller one";
    }

    private static string Source(in RankedRequest ranked) => ranked.Source switch
    {
        PrioritySource.Override => "set",
        PrioritySource.Hook => "of the hook",
        PrioritySource.Share => "by the share of its scenario",
        _ => "computed",
    };

    /// <summary>The factor that makes most of the difference, where both priorities are sums of factors.</summary>
    private static string Most(in RankedRequest first, in RankedRequest second, OrderSettings settings)
    {
        if (settings.Policy != QueuePolicy.Weighted || first.Source != PrioritySource.Computed || second.Source != PrioritySource.Computed)
        {
            return "";
        }

        var (of, to, weights) = (first.Factors, second.Factors, settings.Weights);
        ReadOnlySpan<(string Name, double First, double Second, double Weight)> factors =
        [
            ("class", of.Class, to.Class, weights.Class),
            ("age", of.Age, to.Age, weights.Age),
            ("fair share", of.FairShare, to.FairShare, weights.FairShare),
            ("deadline", of.Deadline, to.Deadline, weights.Deadline),
            ("size", of.Size, to.Size, weights.Size),
            ("promise", of.Promise, to.Promise, weights.Promise),
        ];
        var most = factors[0];
        foreach (var factor in factors)
        {
            if ((factor.First - factor.Second) * factor.Weight > (most.First - most.Second) * most.Weight)
            {
                most = factor;
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $", most of it by {most.Name}: {most.First:0.000} against {most.Second:0.000}, weight {most.Weight:0.##}");
    }
}
