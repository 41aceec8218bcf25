using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scheduling.Explanations;

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

        if (!explained.Ahead.IsDefaultOrEmpty)
        {
            var more = explained.Reason.Ahead - explained.Ahead.Length;
            yield return $"Ahead of it: {string.Join("; ", explained.Ahead.Select(Ahead))}{(more > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {more} more") : "")}.";
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

    private static string Ahead(ExplainedAhead one) => string.Create(
        CultureInfo.InvariantCulture,
        $"{one.Attempt} (priority {one.Priority:0.000}, {one.Nodes} {(one.Nodes == 1 ? "node" : "nodes")}{(one.StartsNow ? ", starts now" : one.PlannedStart is { } planned ? $", planned for {ExplanationWriter.Time(planned)}" : "")})");
}
