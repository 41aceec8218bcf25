using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Reports;

/// <summary>What an operator asks weekly, for each simulation that is not over, with what is wrong by the limits.</summary>
public static class HealthReporter
{
    /// <summary>With fewer stages that ended, nobody can say how far estimates are off.</summary>
    private const int RatiosMin = 10;

    /// <param name="simulations">Those that are not over.</param>
    /// <param name="ratios">Of stages that ended: how long they took to how long they were estimated. Above 0.</param>
    /// <param name="limits">From when on something is wrong.</param>
    /// <param name="now">The present.</param>
    /// <returns>The report, and a sentence for each breach, with the simulation and what is breached as its key.</returns>
    public static (Report Report, ImmutableArray<HealthBreach> Breaches) Make(IReadOnlyList<SimulationHealth> simulations, IReadOnlyList<double> ratios, HealthLimits limits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(simulations);
        ArgumentNullException.ThrowIfNull(ratios);
        ArgumentNullException.ThrowIfNull(limits);
        var sorted = ratios.Where(static ratio => double.IsFinite(ratio) && ratio > 0).Order().ToArray();
        (double Low, double High)? range = sorted.Length >= RatiosMin ? (Statistics.Quantile(sorted, 0.05), Statistics.Quantile(sorted, 0.95)) : null;
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<object?>>();
        var breaches = ImmutableArray.CreateBuilder<HealthBreach>();
        foreach (var each in simulations.OrderBy(static each => each.Simulation, StringComparer.Ordinal))
        {
            var left = each.ExpectedEnd - now;
            var earliest = each.EarliestEnd ?? (left is { } time && range is { } known ? now + (time * Math.Min(1, known.Low)) : (DateTimeOffset?)null);
            var latest = each.LatestEnd ?? (left is { } more && range is { } spread ? now + (more * Math.Max(1, spread.High)) : (DateTimeOffset?)null);
            var provenAge = now - each.ProvenAt;
            var loss = now - each.SafeSince;

            // What runs beyond the end of the grant is what it would still need then; its pace is that of what is left.
            var end = latest ?? each.ExpectedEnd;
            var atRisk = limits.Expires is { } expires && end is { } last && last > expires && last > now ? each.CoreHoursLeft * Math.Clamp((last - (expires > now ? expires : now)) / (last - now), 0, 1) : 0;
            if (each.SafeSince is not null && (provenAge is null ? loss > limits.ProvenAgeMax : provenAge > limits.ProvenAgeMax))
            {
                breaches.Add(new(each.Simulation, "proven-checkpoint", provenAge is { } age ? $"{each.Simulation}: the newest proven checkpoint is {Hours(age)} old; allowed: {Hours(limits.ProvenAgeMax)}" : $"{each.Simulation}: no checkpoint is proven, and it runs for {Hours(loss!.Value)}"));
            }

            if (loss > limits.LossMax)
            {
                breaches.Add(new(each.Simulation, "loss", $"{each.Simulation}: {Hours(loss.Value)} would be lost if it died now; allowed: {Hours(limits.LossMax)}"));
            }

            if (atRisk > 0)
            {
                breaches.Add(new(each.Simulation, "expiry", string.Create(CultureInfo.InvariantCulture, $"{each.Simulation}: it may end at {end:u}, after everything expires; {atRisk:#,0} core-hours are at risk")));
            }

            rows.Add(
            [
                each.Simulation, each.Campaign, each.Status, each.Progress, each.ExpectedEnd, earliest, latest, atRisk, each.Proven.Length > 0 ? each.Proven : null, provenAge?.TotalHours, loss?.TotalHours,
                loss is { } lost ? lost.TotalHours * each.Cores : null, each.Windows.IsEmpty ? null : string.Join("; ", each.Windows),
            ]);
        }

        var report = new Report
        {
            Kind = ReportKind.Health,
            Title = "Health",
            At = now,
            Summary = breaches.Count == 0 ? [FormattableString.Invariant($"{simulations.Count} simulations are not over; nothing is beyond its limits")] : [.. breaches.Select(static breach => breach.Text)],
            Tables =
            [
                new()
                {
                    Name = "simulations",
                    Columns = ["simulation", "campaign", "status", "progress", "expected_end", "earliest_end", "latest_end", "core_hours_at_risk", "newest_proven_checkpoint", "proven_age_hours", "loss_if_it_died_now_hours", "loss_core_hours", "windows_ahead"],
                    Rows = rows.ToImmutable(),
                },
            ],
            Notes = simulations.Count > 0 && simulations.All(static each => each.ExpectedEnd is null || (each.EarliestEnd is not null && each.LatestEnd is not null))
                ? ["eight of ten times an end lies between the earliest and the latest; `orchestrator timeline` says why"]
                : range is null
                ? [FormattableString.Invariant($"there is no interval for the ends: {sorted.Length} stages have ended, {RatiosMin} are needed to see how far estimates are off")]
                : [FormattableString.Invariant($"the ends lie between what one of twenty of {sorted.Length} stages took less, and one of twenty more, than estimated")],
        };
        return (Reporter.Named(report), breaches.ToImmutable());
    }

    private static string Hours(TimeSpan time) => time.TotalHours >= 48 ? FormattableString.Invariant($"{time.TotalDays:0.#} d") : time.TotalHours >= 1 ? FormattableString.Invariant($"{time.TotalHours:0.#} h") : time.TotalMinutes >= 1 ? FormattableString.Invariant($"{time.TotalMinutes:0} min") : FormattableString.Invariant($"{time.TotalSeconds:0} s");
}

/// <summary>Something beyond its limit.</summary>
/// <param name="Simulation">Whose.</param>
/// <param name="What">proven-checkpoint, loss or expiry: with the simulation the key under which it is told once.</param>
/// <param name="Text">For people.</param>
public sealed record HealthBreach(string Simulation, string What, string Text);
