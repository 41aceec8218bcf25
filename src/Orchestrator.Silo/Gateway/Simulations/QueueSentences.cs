using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>The explanation of a waiting attempt as sentences.</summary>
internal static class QueueSentences
{
    private const int ChangesMax = 4;

    public static IEnumerable<string> Of(AttemptExplanation explained)
    {
        if (explained.Decision.Length > 0)
        {
            yield return $"Decided: {explained.Decision.TrimEnd('.')}.";
        }

        if (!explained.Factors.IsDefaultOrEmpty)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Its priority is {explained.Priority:0.000}, from {string.Join(", ", explained.Factors.Select(static factor => string.Create(CultureInfo.InvariantCulture, $"{factor.Name} {factor.Value:0.##}")))}.");
        }

        if (explained.Class is { Because.Length: > 0 } counts)
        {
            yield return $"It counts as {Word(counts.Counted)}{(counts.Since is { } since ? $" since {ExplanationWriter.Time(since)}" : "")}, though its own class is {Word(counts.Own)}: {counts.Because}.";
        }

        if (explained.Energy is { } cost)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Its energy, about {cost.KilowattHours:0.##} kWh, costs {cost.Now:0.##} if it starts now, and {cost.Then:0.##} from {ExplanationWriter.Time(cost.Start)} on.");
        }

        if (!explained.Ahead.IsDefaultOrEmpty)
        {
            var more = explained.Reason.Ahead - explained.Ahead.Length;
            yield return $"Ahead of it: {string.Join("; ", explained.Ahead.Select(Ahead))}{(more > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {more} more") : "")}.";
            if (explained.Ahead[^1] is { Because.Length: > 0 } last)
            {
                yield return $"{Whose(last)} goes before it: {last.Because}.";
            }
        }

        if (explained is { StartsNow: false, ExpectedStart: { } start })
        {
            var between = explained is { ExpectedFrom: { } from, ExpectedUntil: { } until } ? $", between {ExplanationWriter.Time(from)} and {ExplanationWriter.Time(until)}" : "";
            yield return $"It is expected to start at {ExplanationWriter.Time(start)}{between}{(explained.EarliestStart is { } earliest ? $"; alone it could at {ExplanationWriter.Time(earliest)}" : "")}.";
        }
        else if (!explained.StartsNow)
        {
            yield return $"When it starts is not known{(explained.EarliestStart is { } earliest ? $"; alone it could at {ExplanationWriter.Time(earliest)}" : "")}.";
        }

        if (explained.Duration is { Expected: not null } duration)
        {
            yield return $"How long it runs, {duration.Tell()}{(duration.Estimate is { } limit && limit != duration.Expected ? $"; it asks for {DurationWords.Of(limit)}, which holds" : "")}.";
        }

        foreach (var change in explained.Changes.IsDefault ? [] : explained.Changes.Take(ChangesMax))
        {
            yield return $"Sooner, {(change.Start <= explained.At ? "at once" : $"at {ExplanationWriter.Time(change.Start)}")}: {change.Words}.";
        }
    }

    /// <summary>Of work that its account's share keeps back: what the account has.</summary>
    public static IEnumerable<string> OfShare(WaitReason reason, IEnumerable<ShareStanding> standings)
    {
        if (reason.Constraint == PlacementConstraint.Share && standings.FirstOrDefault(standing => standing.Account == reason.For) is { } has)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Its account {has.Account} holds {has.Held} of {has.Total} cores; {has.Guaranteed} are guaranteed, and {has.Maximum} the most, as far as others do not need what they are guaranteed, and lend it.");
        }
    }

    /// <summary>Others' work has no name here.</summary>
    private static string Whose(ExplainedAhead one) => one.Attempt.Simulation.Value is null ? "work of others" : one.Attempt.ToString();

    private static string Word(PriorityClass priority) => priority.ToString().ToLowerInvariant();

    private static string Ahead(ExplainedAhead one) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Whose(one)} (priority {one.Priority:0.000}, {one.Nodes} {(one.Nodes == 1 ? "node" : "nodes")}{(one.StartsNow ? ", starts now" : one.PlannedStart is { } planned ? $", planned for {ExplanationWriter.Time(planned)}" : "")})");
}
