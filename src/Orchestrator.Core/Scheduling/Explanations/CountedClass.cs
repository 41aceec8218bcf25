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
        var left = request.Deadline is { } deadline ? deadline.UtcTicks - now.UtcTicks : long.MaxValue;
        var atRisk = request.Deadline is not null && facts.Work >= left - settings.DeadlineMargin.Ticks;
        var unaged = classOf.WithoutAge(facts, left, atRisk);
        var aged = classOf.Aged(unaged, facts.Since < 0 ? 0 : Math.Max(0, now.UtcTicks - facts.Since));
        var withoutDeadline = facts;
        withoutDeadline.Deadline = long.MaxValue;
        var undue = classOf.WithoutAge(withoutDeadline, long.MaxValue, false);
        var reasons = new List<string>();
        DateTimeOffset? since = null;
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
            since = Later(request.QueuedSince, DeadlineCounts(facts, unaged, request.Deadline!.Value, settings));
        }

        if (aged > unaged && settings.RaiseAfter is { } step)
        {
            since = request.QueuedSince + (step * (aged - unaged));
            reasons.Add(FormattableString.Invariant($"of its wait, a class for each {step.TotalHours:0.#} hours"));
        }

        if (ranked.Class < aged)
        {
            // Nobody keeps since when the cluster is so full.
            since = null;
            reasons.Add(FormattableString.Invariant($"the cluster is overloaded: more than {Preempting.OverloadRule.Threshold:0.##} of a resource is in use, and it is of the lowest quarter that waits"));
        }

        return new() { Own = own, Counted = ranked.Class, Since = since, Because = string.Join(", and ", reasons) };
    }

    /// <summary>When it first counted so by its deadline: as it came nearer than the limit of its class, or was first at risk.</summary>
    private static DateTimeOffset DeadlineCounts(in WaitingFacts facts, PriorityClass unaged, DateTimeOffset deadline, OrderSettings settings)
    {
        var near = (facts.Class, unaged) switch
        {
            (PriorityClass.Medium, >= PriorityClass.High) => deadline.UtcTicks - TimeSpan.FromHours(24).Ticks,
            (PriorityClass.Low, >= PriorityClass.Medium) => deadline.UtcTicks - TimeSpan.FromHours(48).Ticks,
            _ => long.MaxValue,
        };
        var risk = deadline.UtcTicks - settings.DeadlineMargin.Ticks - facts.Work;
        return new(Math.Clamp(Math.Min(near, risk), 0, deadline.UtcTicks), TimeSpan.Zero);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string Name(PriorityClass priority) => priority.ToString().ToLowerInvariant();
}
