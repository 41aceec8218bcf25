using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>In which class an attempt counts, since when, and why that is not its own; found by the rules of the order itself.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.counted-class")]
public sealed record CountedClass
{
    /// <summary>What it was submitted with, or was set.</summary>
    [Id(0)] public PriorityClass Own { get; init; }

    /// <summary>What decides.</summary>
    [Id(1)] public PriorityClass Counted { get; init; }

    /// <summary>Null: it is its own, or nobody knows since when it is not.</summary>
    [Id(2)] public DateTimeOffset? Since { get; init; }

    /// <summary>In words; "": it is its own.</summary>
    [Id(3)] public string Because { get; init; } = "";

    internal static CountedClass Of(in RankedRequest ranked, OrderSettings settings, DateTimeOffset now)
    {
        var request = ranked.Request;
        var own = request.Priority == PriorityClass.Absent ? PriorityClass.Medium : request.Priority;
        if (ranked.Class == own)
        {
            return new() { Own = own, Counted = own };
        }

        var facts = new WaitingFacts(request);
        var classOf = new EffectiveClass(settings);
        var unaged = Unaged(classOf, facts, settings, now.UtcTicks, out var atRisk);
        var aged = classOf.Aged(unaged, Waited(facts, now.UtcTicks));
        var withoutDeadline = facts;
        withoutDeadline.Deadline = long.MaxValue;
        var undue = classOf.WithoutAge(withoutDeadline, long.MaxValue, false);
        var reasons = new List<string>();
        if (facts.Class > own)
        {
            reasons.Add($"{Name(facts.Class)} work waits for it");
        }

        if (undue != facts.Class)
        {
            reasons.Add($"its scenario promises {(undue > facts.Class ? "much" : "little")}");
        }

        if (unaged > undue)
        {
            reasons.Add(atRisk ? "its deadline is at risk" : "its deadline is near");
        }

        if (aged > unaged && settings.RaiseAfter is { } step)
        {
            reasons.Add(FormattableString.Invariant($"of its wait, a class for each {step.TotalHours:0.#} hours"));
        }

        // What is inherited or promised was so before anybody kept when.
        var since = aged > undue ? FirstMoment(classOf, facts, settings, aged, now.UtcTicks) : null;
        if (ranked.Class < aged)
        {
            // Nobody keeps since when the cluster is so full.
            since = null;
            reasons.Add(FormattableString.Invariant($"the cluster is overloaded: more than {Preempting.OverloadRule.Threshold:0.##} of a resource is in use, and it is of the lowest quarter that waits"));
        }

        return new() { Own = own, Counted = ranked.Class, Since = since, Because = string.Join(", and ", reasons) };
    }

    /// <summary>The first moment of its wait at which it counted as high: a deadline that came near or at risk, and a wait, only raise, so that one of the moments at which they do is the first.</summary>
    private static DateTimeOffset? FirstMoment(EffectiveClass classOf, in WaitingFacts facts, OrderSettings settings, PriorityClass counted, long now)
    {
        if (facts.Since < 0)
        {
            return null;
        }

        var moments = new List<long> { facts.Since };
        if (facts.Deadline != long.MaxValue)
        {
            // It is near only behind those moments, and at risk from that moment on.
            moments.AddRange([facts.Deadline - TimeSpan.FromHours(48).Ticks, facts.Deadline - TimeSpan.FromHours(24).Ticks, facts.Deadline - settings.DeadlineMargin.Ticks - facts.Work]);
        }

        for (var raised = 1; settings.RaiseAfter is { Ticks: > 0 } step && raised <= (int)PriorityClass.Critical; raised++)
        {
            moments.Add(facts.Since + (raised * step.Ticks));
        }

        foreach (var moment in moments.Order())
        {
            if (moment >= facts.Since && moment <= now && classOf.Aged(Unaged(classOf, facts, settings, moment + 1, out _), Waited(facts, moment + 1)) >= counted)
            {
                return new(moment, TimeSpan.Zero);
            }
        }

        return null;
    }

    /// <summary>As the order counts it, at a moment in UTC ticks.</summary>
    private static PriorityClass Unaged(EffectiveClass classOf, in WaitingFacts facts, OrderSettings settings, long moment, out bool atRisk)
    {
        var left = facts.Deadline == long.MaxValue ? long.MaxValue : facts.Deadline - moment;
        atRisk = facts.Deadline != long.MaxValue && facts.Work >= left - settings.DeadlineMargin.Ticks;
        return classOf.WithoutAge(facts, left, atRisk);
    }

    private static long Waited(in WaitingFacts facts, long moment) => facts.Since < 0 ? 0 : Math.Max(0, moment - facts.Since);

    private static string Name(PriorityClass priority) => priority.ToString().ToLowerInvariant();
}
