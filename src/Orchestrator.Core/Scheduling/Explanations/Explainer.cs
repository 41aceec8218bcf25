using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>
/// Explains one waiting attempt on demand, by planning again: as things are, alone at the head of the queue, with everybody in turn, and with one thing changed at a time.
/// It changes nothing, and costs some tens of plans.
/// </summary>
public sealed class Explainer(SchedulerParts parts)
{
    private const int AheadMost = 5;

    /// <summary>What a plan in turn may look at: attempts times nodes. Beyond it, when one starts is not worth finding.</summary>
    private const long InTurnMost = 20_000_000;

    /// <summary>Nobody is asked to make way, and nothing is switched, for a question.</summary>
    private readonly SchedulerParts parts = (parts ?? throw new ArgumentNullException(nameof(parts))) with { Preemption = null, Power = null };

    /// <summary>Null: the attempt does not wait.</summary>
    public AttemptExplanation? Explain(ISchedulingView view, AttemptId attempt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var ranked = parts.Order().Rank(view, now).ToArray();
        var turn = Array.FindIndex(ranked, one => one.Request.Attempt == attempt);
        if (turn < 0)
        {
            return null;
        }

        var target = ranked[turn];
        var replan = new Replan(view, parts, now, (long)(turn + 1) * view.Nodes.Count <= InTurnMost ? turn + 1 : 0);
        var plan = replan.AsItIs();
        var reason = plan.Waiting.Where(waiting => waiting.Attempt == attempt).Select(static waiting => waiting.Reason).FirstOrDefault();
        var latest = reason is null ? now : replan.InTurn(target.Request);
        var earliest = reason is null ? now : replan.Alone(target.Request);
        var expected = reason is null ? now : replan.InTurnAsLearned(target.Request);
        var explanation = new AttemptExplanation
        {
            Attempt = attempt,
            At = now,
            StartsNow = reason is null,
            Reason = reason ?? new(),
            Priority = target.Priority,
            Factors = Factors(target.Factors),
            Waiting = ranked.Length,
            Ahead = [.. ranked.Take(Math.Min(turn, AheadMost)).Select(one => Ahead(one, target, plan, view.Settings.Order))],
            EarliestStart = earliest,
            ExpectedStart = expected ?? latest,
            ExpectedFrom = reason is null ? now : Least(replan.AloneAsLearned(target.Request), expected ?? latest),
            ExpectedUntil = Most(latest, expected),
            Class = CountedClass.Of(target, view.Settings.Order, now),
            Energy = reason is { Constraint: PlacementConstraint.Energy, PlannedStart: { } later } ? DeferredCost.Of(view, target.Request, now, later) : null,
            Changes = reason is null ? [] : new SoonerSearch(replan, view, target.Request, reason, latest, now).Find(),
        };
        explanation = WithDeadline(explanation, target.Request);
        return explanation with { Decision = Decision(explanation, view.Settings.Backfill, target) + DeadlineWords(explanation) };
    }

    private static AttemptExplanation WithDeadline(AttemptExplanation explanation, PendingRequest request)
    {
        var (ahead, attempt) = (request.WorkAhead ?? TimeSpan.Zero, request.DurationExpected ?? request.DurationEstimate ?? TimeSpan.Zero);
        var end = explanation.ExpectedStart + (ahead > attempt ? ahead : attempt);
        return request.Deadline is { } deadline && (ahead > TimeSpan.Zero || attempt > TimeSpan.Zero)
            ? explanation with { Deadline = deadline, ExpectedEnd = end, MeetsDeadline = end is null ? null : end <= deadline }
            : explanation;
    }

    private static string DeadlineWords(AttemptExplanation explanation) => explanation switch
    {
        { MeetsDeadline: true } => "; its deadline is met",
        { MeetsDeadline: false, ExpectedEnd: { } end, Deadline: { } deadline } => string.Create(CultureInfo.InvariantCulture, $"; its deadline is missed by {TimeSpan.FromSeconds(Math.Ceiling((end - deadline).TotalSeconds))}"),
        _ => "",
    };

    private static string Decision(AttemptExplanation explanation, BackfillSettings backfill, RankedRequest target)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{explanation.Reason.Ahead + 1} of {explanation.Waiting} by priority {explanation.Priority:0.000}");
        var source = target.Source switch
        {
            PrioritySource.Override => "set by an operator or the owner",
            PrioritySource.Hook => "set by the site's hook",
            PrioritySource.Share => "computed, and dealt among the scenarios of its set by their shares",
            _ => "computed",
        };
        if (explanation.StartsNow)
        {
            return $"it starts: {source} priority, and there is room";
        }

        var kind = backfill.Kind switch
        {
            BackfillKind.None => "nobody overtakes",
            BackfillKind.Conservative => "everybody keeps a place in time",
            BackfillKind.Easy or BackfillKind.EasyShortestFirst => "the first keeps a place in time, the others start where they do not delay it",
            _ => string.Create(CultureInfo.InvariantCulture, $"the first {backfill.Reservations} that do not fit keep a place in time, the others start where they do not delay them"),
        };
        var whom = explanation.Reason.For is { } name ? $" ({name})" : "";
        return $"{place}, {source}; {kind}; it waits because: {explanation.Reason}{whom}";
    }

    private static ExplainedAhead Ahead(RankedRequest one, RankedRequest target, SchedulingPlan plan, OrderSettings order) => new()
    {
        Attempt = one.Request.Attempt,
        Priority = one.Priority,
        Nodes = one.Request.Resources.Nodes,
        StartsNow = plan.Placements.Any(placement => placement.Attempt == one.Request.Attempt),
        PlannedStart = plan.Places.FirstOrDefault(place => place.Attempt == one.Request.Attempt)?.Start,
        Because = OrderExplanation.Between(one, target, order),
    };

    private static ImmutableArray<ExplainedFactor> Factors(PriorityFactors factors) =>
    [
        new() { Name = "age", Value = factors.Age },
        new() { Name = "class", Value = factors.Class },
        new() { Name = "deadline", Value = factors.Deadline },
        new() { Name = "fair share", Value = factors.FairShare },
        new() { Name = "promise", Value = factors.Promise },
        new() { Name = "size", Value = factors.Size },
    ];

    private static DateTimeOffset? Least(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private static DateTimeOffset? Most(DateTimeOffset? one, DateTimeOffset? other) => one is null || other is null ? one : other > one ? other : one;
}
