using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>
/// Moves resources from scenarios of low to those of high priority. What holds whatever the strategy: the total of each resource stays; the highest priority never loses and the
/// lowest never gains, but for a first allocation; nothing moves between members of one ensemble; nobody loses more than the maximum shift or goes below the floor, but who is paused or has ended; protected ones are not touched.
/// </summary>
public static class Reallocator
{
    private const double PausedGives = 0.3;

    /// <summary>Of priorities, in the Boltzmann shares of <see cref="ReallocationStrategy.Bandit"/>: a difference of so much makes e times the share.</summary>
    private const double Temperature = 0.2;

    /// <summary>What each scenario holds afterwards.</summary>
    /// <exception cref="ArgumentException">The settings or a holder are not allowed; the message has each mistake.</exception>
    public static ReallocationPlan Reallocate(IReadOnlyList<ShareHolder> all, ReallocationSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(settings);
        var problems = ReallocationSettings.Problems(settings).Concat(Problems(all)).ToList();
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(all));
        }

        var before = all.ToImmutableSortedDictionary(static one => one.Scenario, static one => one.Resources, StringComparer.Ordinal);
        if (all.Count < 2 || all.All(static one => one.HasEnded))
        {
            return new() { Resources = before, Explanation = "There are not two scenarios that something could move between." };
        }

        var ensembles = all.Where(static one => one.Ensemble.Length > 0 && !one.HasEnded).GroupBy(static one => one.Ensemble, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => (Priority: group.Average(static one => one.Priority), Confidence: group.Average(static one => one.Confidence)), StringComparer.Ordinal);
        var holders = all.Select(one => ensembles.TryGetValue(one.Ensemble, out var mean) ? new Holder(one, mean.Priority, mean.Confidence) : new Holder(one, one.Priority, one.Confidence)).ToList();
        var types = all.SelectMany(static one => one.Resources.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var after = all.ToDictionary(static one => one.Scenario, static one => one.Resources.ToBuilder(), StringComparer.Ordinal);
        var changes = ImmutableArray.CreateBuilder<AllocationChange>();
        foreach (var type in types)
        {
            foreach (var (holder, amount) in Move(holders, type, settings))
            {
                var had = holder.Facts.Resources.GetValueOrDefault(type);
                after[holder.Facts.Scenario][type] = amount;
                changes.Add(new() { Scenario = holder.Facts.Scenario, Resource = type, Before = had, After = amount, At = now, Reason = Reason(holder, amount > had, settings.Strategy) });
            }
        }

        return new()
        {
            Resources = after.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value.ToImmutable(), StringComparer.Ordinal),
            Changes = changes.ToImmutable(),
            Explanation = changes.Count == 0
                ? "Nothing moves: the priorities differ too little, or nobody may give."
                : string.Create(CultureInfo.InvariantCulture, $"{Names(changes, gains: false)} give to {Names(changes, gains: true)} ({settings.Strategy})."),
        };
    }

    /// <summary>The new amounts of those whose amount changes.</summary>
    private static IEnumerable<(Holder Holder, double Amount)> Move(List<Holder> holders, string type, ReallocationSettings settings)
    {
        var amounts = holders.Select(holder => holder.Facts.Resources.GetValueOrDefault(type)).ToArray();
        var total = amounts.Sum();
        if (!(total > 0))
        {
            return [];
        }

        var live = holders.Count(static holder => !holder.Facts.HasEnded);
        var floor = live == 0 ? 0 : settings.FloorShare * total / live;
        var wanted = Wanted(holders, amounts, total, settings);
        var gains = new double[holders.Count];
        var losses = new double[holders.Count];
        var given = new double[holders.Count];
        for (var i = 0; i < holders.Count; i++)
        {
            var facts = holders[i].Facts;
            if (facts.IsProtected)
            {
                continue;
            }

            if (facts.HasEnded)
            {
                given[i] = amounts[i];
            }
            else if (facts.IsPaused)
            {
                given[i] = PausedGives * amounts[i];
            }
            else if (wanted[i] >= 0)
            {
                gains[i] = wanted[i];
            }
            else
            {
                losses[i] = Math.Min(-wanted[i], Math.Min(settings.MaximumShift * amounts[i], Math.Max(0, amounts[i] - floor)));
            }
        }

        var (gain, loss, free) = (gains.Sum(), losses.Sum(), given.Sum());
        if (free > gain)
        {
            // What ended or pauses gives all of it, also where nobody stands out: what nobody is to gain goes to all that go on, as they are.
            var parts = holders.Select((holder, i) => IsOpen(holder.Facts) ? Math.Max(amounts[i], total / live) : 0).ToArray();
            var (whole, rest) = (parts.Sum(), free - gain);
            if (!(whole > 0))
            {
                return [];
            }

            losses = new double[holders.Count];
            gains = [.. gains.Select((own, i) => own + (rest * parts[i] / whole))];
            (gain, loss) = (gains.Sum(), 0);
        }

        if (!(gain > 0) || !(loss + free > 0))
        {
            return [];
        }

        // As much comes as goes: of what goes, that of those that go on comes last.
        var moved = Math.Min(gain, loss + free);
        var taken = loss > 0 ? Math.Max(0, moved - free) / loss : 0;
        var changed = Enumerable.Range(0, holders.Count).Select(i => amounts[i] + (moved * gains[i] / gain) - given[i] - (taken * losses[i])).ToArray();

        // What rounding left over goes where it is the smallest part.
        var largest = Array.IndexOf(changed, changed.Max());
        changed[largest] = Math.Max(0, changed[largest] + total - changed.Sum());
        return Enumerable.Range(0, holders.Count).Where(i => Math.Abs(changed[i] - amounts[i]) > 1e-12 * total).Select(i => (holders[i], Math.Max(0, changed[i])));
    }

    /// <summary>What each would gain (above 0) or lose by the strategy; only the proportions of gains count.</summary>
    private static double[] Wanted(List<Holder> holders, double[] amounts, double total, ReallocationSettings settings)
    {
        var wanted = new double[holders.Count];
        var ranked = Enumerable.Range(0, holders.Count)
            .Where(i => IsOpen(holders[i].Facts) && holders[i].Confidence > 0)
            .OrderByDescending(i => holders[i].Priority)
            .ThenBy(i => holders[i].Facts.Scenario, StringComparer.Ordinal)
            .ToArray();

        // Who holds nothing of anything gets a part of an equal share first, wherever it stands.
        var newcomers = Enumerable.Range(0, holders.Count).Where(i => IsOpen(holders[i].Facts) && holders[i].Facts.Resources.Values.Sum() <= 0).ToArray();
        if (ranked.Length >= 2 && holders[ranked[0]].Priority - holders[ranked[^1]].Priority >= Math.Max(settings.MinimumChange, 1e-9))
        {
            Rank(holders, amounts, total, settings, ranked, wanted);
            var (highest, lowest) = (holders[ranked[0]].Priority, holders[ranked[^1]].Priority);
            foreach (var i in ranked)
            {
                wanted[i] = holders[i].Priority == highest ? Math.Max(0, wanted[i]) : holders[i].Priority == lowest ? Math.Min(0, wanted[i]) : wanted[i];
            }
        }

        if (newcomers.Length > 0)
        {
            var givers = ranked.Length > 1 ? ranked[1..].Except(newcomers).Where(i => amounts[i] > 0).ToArray() : [];
            givers = givers.Length > 0 ? givers : [.. Enumerable.Range(0, holders.Count).Where(i => IsOpen(holders[i].Facts) && amounts[i] > 0)];
            foreach (var i in givers)
            {
                wanted[i] = Math.Min(wanted[i], -settings.MaximumShift * amounts[i]);
            }

            var typical = Math.Max(wanted.Where(static value => value > 0).DefaultIfEmpty(total / holders.Count).Average(), 1e-9);
            foreach (var i in newcomers)
            {
                wanted[i] = Math.Max(wanted[i], typical);
            }
        }

        return wanted;
    }

    private static void Rank(List<Holder> holders, double[] amounts, double total, ReallocationSettings settings, int[] ranked, double[] wanted)
    {
        var share = ranked.Sum(i => amounts[i]);
        switch (settings.Strategy)
        {
            case ReallocationStrategy.Proportional:
                var sum = ranked.Sum(i => holders[i].Priority);
                Towards(i => holders[i].Priority / sum);
                break;
            case ReallocationStrategy.Bandit:
                // Half of what is not known of it might be to its credit.
                var bounds = ranked.ToDictionary(static i => i, i => Math.Exp((holders[i].Priority + ((1 - holders[i].Confidence) / 2)) / Temperature));
                var all = bounds.Values.Sum();
                Towards(i => bounds[i] / all);
                break;
            case ReallocationStrategy.Threshold:
                Tails([.. ranked.Where(i => holders[i].Priority > 0.7)], [.. ranked.Where(i => holders[i].Priority < 0.3)], settings.MaximumShift);
                break;
            case ReallocationStrategy.Gradual:
                Tails(ranked[..Part(0.2)], ranked[^Part(0.2)..], settings.MaximumShift / 2);
                break;
            case ReallocationStrategy.Aggressive:
                Tails(ranked[..Part(0.3)], ranked[^Part(0.3)..], settings.MaximumShift);
                break;
            case ReallocationStrategy.Stepwise:
                Tails(ranked[..1], ranked[^1..], settings.MaximumShift / 4);
                break;
            default:
                Tails(ranked[..(ranked.Length / 2)], ranked[^(ranked.Length / 2)..], settings.MaximumShift);
                break;
        }

        int Part(double part) => Math.Clamp((int)Math.Round(part * ranked.Length, MidpointRounding.AwayFromZero), 1, ranked.Length / 2);

        void Tails(int[] first, int[] last, double shift)
        {
            if (first.Length == 0 || last.Length == 0)
            {
                return;
            }

            // Equals are treated as such: where a tail cuts through some, all of them belong to it. Who belongs to both then does neither, but the best only gain and the worst only lose.
            var (upper, lower) = (holders[first[^1]].Priority, holders[last[0]].Priority);
            var (highest, lowest) = (holders[ranked[0]].Priority, holders[ranked[^1]].Priority);
            var isShared = upper <= lower;
            foreach (var i in ranked.Where(i => holders[i].Priority is var own && own >= upper && own > lowest && !(isShared && own <= lower && own < highest)))
            {
                wanted[i] = total * Math.Max(holders[i].Priority, 1e-6);
            }

            foreach (var i in ranked.Where(i => holders[i].Priority is var own && own <= lower && own < highest && !(isShared && own >= upper && own > lowest)))
            {
                wanted[i] = -shift * amounts[i];
            }
        }

        void Towards(Func<int, double> part)
        {
            foreach (var members in ranked.GroupBy(i => holders[i].Facts.Ensemble is { Length: > 0 } ensemble ? "of " + ensemble : "alone " + holders[i].Facts.Scenario, StringComparer.Ordinal))
            {
                var (held, wants, count) = (members.Sum(i => amounts[i]), members.Sum(i => part(i) * share), members.Count());
                var change = Math.Clamp(wants - held, -settings.MaximumShift * held, settings.MaximumShift * Math.Max(held, count * share / ranked.Length));
                foreach (var i in members)
                {
                    wanted[i] = change * (held > 0 ? amounts[i] / held : 1.0 / count);
                }
            }
        }
    }

    private static bool IsOpen(ShareHolder facts) => !facts.HasEnded && !facts.IsPaused && !facts.IsProtected;

    private static IEnumerable<string> Problems(IReadOnlyList<ShareHolder> all)
    {
        foreach (var twice in all.GroupBy(static one => one.Scenario, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            yield return $"scenario: \"{twice.Key}\" is there twice.";
        }

        foreach (var one in all)
        {
            if (one.Priority is not (>= 0 and <= 1))
            {
                yield return FormattableString.Invariant($"priority: that of {one.Scenario} is {one.Priority}; 0 to 1 is allowed.");
            }

            foreach (var (type, amount) in one.Resources)
            {
                if (!(amount >= 0 && double.IsFinite(amount)))
                {
                    yield return FormattableString.Invariant($"resources.{type}: that of {one.Scenario} is {amount}; 0 or more is allowed.");
                }
            }
        }
    }

    private static string Reason(Holder holder, bool gains, ReallocationStrategy strategy) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(holder.Facts.HasEnded ? "it has ended" : holder.Facts.IsPaused ? "it is paused" : $"priority {holder.Priority:F2}")}: it {(gains ? "gets" : "gives")} ({strategy})");

    private static string Names(ImmutableArray<AllocationChange>.Builder changes, bool gains) =>
        string.Join(", ", changes.Where(change => change.After > change.Before == gains).Select(static change => change.Scenario).Distinct(StringComparer.Ordinal));

    /// <summary>With the priority and the confidence it counts with: those of its ensemble.</summary>
    private sealed record Holder(ShareHolder Facts, double Priority, double Confidence);
}
