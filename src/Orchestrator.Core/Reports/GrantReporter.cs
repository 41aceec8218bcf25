using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>The report of how grants burn down, each by what it covers.</summary>
internal static class GrantReporter
{
    private const double GiB = 1024.0 * 1024 * 1024;

    /// <exception cref="ForecastException">No grant is given, or one is wrong.</exception>
    public static Report Make(ReportRequest request)
    {
        if (request.Grants.IsDefaultOrEmpty)
        {
            throw new ForecastException("no grant is given: name it, its allocation, start and end, and the agency's pull-back dates");
        }

        var cases = request.Grants.Select(grant => GrantCase.Of(grant, request)).ToArray();
        var rate = request.Rates.CoreHour;
        return new Report
        {
            Title = "Grants",
            Summary = [.. cases.SelectMany(static each => each.Plan.Advice.Select(line => $"{each.Grant.Name}: {line}")), .. cases.SelectMany(DemandReport.Tell)],
            Tables =
            [
                new()
                {
                    Name = "grants",
                    Columns = ["grant", "allocation", "used", "time_over", "expected_at_end", "lower", "upper", "probability_runs_out", "runs_out", "earliest", "probability_expires", "expected_to_expire", "rate_expected", "rate_to_use_all", "cost_total", "planned", "projects"],
                    Rows =
                    [
                        .. cases.Select(each => (ImmutableArray<object?>)
                        [
                            each.Plan.Name, each.Plan.Allocation, each.Plan.Used, each.Plan.TimeOver, each.Plan.AtEnd.Value, each.Plan.AtEnd.Lower, each.Plan.AtEnd.Upper, each.Plan.LikelyToRunOut, each.Plan.RunsOutAt,
                            each.Plan.RunsOutEarliest, each.Plan.LikelyToExpire, each.Plan.ExpiresExpected, each.Plan.RateExpected, each.Plan.RateToUseAll, each.Plan.AtEnd.Value * (each.Grant.CostPerUnit ?? rate),
                            DemandReport.Within(each), each.Grant.Projects.IsEmpty ? "(all)" : string.Join(' ', each.Grant.Projects),
                        ]),
                    ],
                },
                new()
                {
                    Name = "pull_backs",
                    Columns = ["grant", "date", "needed", "used_by_then", "lower", "upper", "probability_too_little", "hours_at_risk", "rate_needed"],
                    Rows = [.. cases.SelectMany(static each => each.Plan.PullBacks.Select(risk => (ImmutableArray<object?>)[each.Plan.Name, risk.At, risk.Needed, risk.Used.Value, risk.Used.Lower, risk.Used.Upper, risk.Likely, risk.AtRisk, risk.RateNeeded]))],
                },
                .. DemandReport.WhatIf(request, cases),
                .. DemandReport.Tables(request),
                Breakdown(request, cases),
                Work(request, cases),
            ],
            Plots = [.. cases.Select(static each => new ReportPlot
            {
                Title = $"{each.Grant.Name}: used of {each.Grant.Allocation.ToString("#,0", CultureInfo.InvariantCulture)}",
                Unit = "core-hours",
                Lines =
                [
                    new() { Name = "used and expected", Times = [.. each.Plan.BurnDown.Select(static point => point.Time)], Values = [.. each.Plan.BurnDown.Select(static point => point.Value)], Lower = [.. each.Plan.BurnDown.Select(static point => point.Lower)], Upper = [.. each.Plan.BurnDown.Select(static point => point.Upper)] },
                    new() { Name = "allocation", Times = [each.Grant.From, each.Grant.Until], Values = [each.Grant.Allocation, each.Grant.Allocation], IsDashed = true },
                    new() { Name = "even use", Times = [each.Grant.From, each.Grant.Until], Values = [0, each.Grant.Allocation], IsDashed = true },
                ],
            })],
            Notes = [.. cases.SelectMany(static each => each.Plan.Notes).Distinct(), .. Covered(request, cases)],
        };
    }

    /// <summary>What counts against several grants, or against none, is told: nobody should count hours twice without knowing.</summary>
    private static IEnumerable<string> Covered(ReportRequest request, GrantCase[] cases)
    {
        foreach (var each in cases.Where(static each => each.Own.Records.IsEmpty))
        {
            yield return $"{each.Grant.Name}: nothing that was used counts against it ({string.Join(", ", each.Grant.Projects.Concat(each.Grant.Simulations))})";
        }

        double several = 0, none = 0;
        foreach (var record in request.Records)
        {
            switch (cases.Count(each => each.Grant.From < record.Until && record.From < each.Grant.Until && each.Grant.Covers(record.Institution, record.Project, record.Simulation)))
            {
                case 0:
                    none += record.Amounts.Cores / 3600;
                    break;
                case > 1:
                    several += record.Amounts.Cores / 3600;
                    break;
                default:
                    break;
            }
        }

        if (several > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{several:#,0.#} core-hours count against several grants; the columns project and simulation of the table say what counts against which");
        }

        if (none > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{none:#,0.#} core-hours count against no grant: they lie outside of their times, or are of other projects");
        }
    }

    /// <summary>What each resource cost, by grant, from its start to its end.</summary>
    private static ReportTable Breakdown(ReportRequest request, GrantCase[] cases) => new()
    {
        Name = "cost_breakdown",
        Columns = ["grant", "resource", "amount", "unit", "cost"],
        Rows =
        [
            .. cases.SelectMany(each =>
            {
                var total = each.Inside().Aggregate(UsageAmounts.None, static (sum, record) => sum + record.Amounts);
                var rates = each.Rates(request.Rates);
                return new ImmutableArray<object?>[]
                {
                    [each.Grant.Name, "cpu", total.Cores / 3600, "core-hours", rates.CostOf(new() { Cores = total.Cores })],
                    [each.Grant.Name, "gpu", total.Gpus / 3600, "GPU-hours", rates.CostOf(new() { Gpus = total.Gpus })],
                    [each.Grant.Name, "memory", total.Memory / 3600 / GiB, "GiB-hours", rates.CostOf(new() { Memory = total.Memory })],
                    [each.Grant.Name, "storage", total.Storage / GiB, "GiB", rates.CostOf(new() { Storage = total.Storage })],
                    [each.Grant.Name, "energy", total.Energy / 3.6e6, "kWh", rates.CostOf(new() { Energy = total.Energy })],
                    [each.Grant.Name, "total", null, "", rates.CostOf(total)],
                };
            }),
        ],
    };

    /// <summary>Who used it: projects and simulations by their ids, the largest of each grant first.</summary>
    private static ReportTable Work(ReportRequest request, GrantCase[] cases) => new()
    {
        Name = "grant_work",
        Columns = ["grant", "project", "simulation", "jobs", "core_hours", "gpu_hours", "memory_gib_hours", "storage_gib", "cost"],
        Rows =
        [
            .. cases.SelectMany(each => each.Inside()
                .GroupBy(static record => (Project: record.Institution.Length > 0 ? $"{record.Institution}/{record.Project}" : record.Project, record.Simulation))
                .Select(static group => (group.Key, Jobs: group.Count(static record => !record.IsRunning), Amounts: group.Aggregate(UsageAmounts.None, static (sum, record) => sum + record.Amounts)))
                .OrderByDescending(static group => group.Amounts.Cores).ThenBy(static group => group.Key.Project, StringComparer.Ordinal).ThenBy(static group => group.Key.Simulation, StringComparer.Ordinal)
                .Take(request.Rows)
                .Select(group => (ImmutableArray<object?>)
                [
                    each.Grant.Name, group.Key.Project.Length > 0 ? group.Key.Project : "(none)", group.Key.Simulation.Length > 0 ? group.Key.Simulation : "(none)", (double)group.Jobs, group.Amounts.Cores / 3600, group.Amounts.Gpus / 3600,
                    group.Amounts.Memory / 3600 / GiB, group.Amounts.Storage / GiB, each.Rates(request.Rates).CostOf(group.Amounts),
                ])),
        ],
    };
}

/// <summary>One grant with what counts against it.</summary>
/// <param name="Grant">Itself.</param>
/// <param name="Own">The request with what the grant covers alone.</param>
/// <param name="Days">Core-hours that count against it, by day, to the end of all that was measured.</param>
/// <param name="Plan">How it burns down.</param>
internal sealed record GrantCase(Grant Grant, ReportRequest Own, TimeSeries Days, GrantPlan Plan)
{
    public static GrantCase Of(Grant grant, ReportRequest request)
    {
        var own = request with
        {
            Records = [.. request.Records.Where(record => grant.Covers(record.Institution, record.Project, record.Simulation))],
            Planned = [.. request.Planned.Where(each => Covers(grant, each))],
            More = [.. request.More.Where(each => Covers(grant, each))],
        };
        var end = request.End();
        var all = own.Records.IsEmpty ? request.Records : own.Records;
        var days = UsageTimeline.Of(all, static amounts => amounts.Cores / 3600, SeriesStep.Day, end);
        days = own.Records.IsEmpty ? days with { Values = [.. days.Values.Select(static _ => 0.0)] } : days;
        return new(grant, own, days, GrantPlanner.Plan(grant, days, new ForecastOptions { Planned = DemandReport.Work(own, static each => each.CoreHours, withMore: false) }));
    }

    /// <summary>What it covers, as far as that lies between its start and its end.</summary>
    public IEnumerable<UsageRecord> Inside()
    {
        foreach (var record in Own.Records)
        {
            var (from, until) = (record.From > Grant.From ? record.From : Grant.From, record.Until < Grant.Until ? record.Until : Grant.Until);
            if (from == record.From && until == record.Until)
            {
                yield return record;
            }
            else if (from < until)
            {
                yield return record with { From = from, Until = until, Amounts = record.Amounts.Part((until - from) / (record.Until - record.From)) };
            }
        }
    }

    /// <summary>With what an hour of the grant costs.</summary>
    public UsageRates Rates(UsageRates rates) => Grant.CostPerUnit is { } cost ? rates with { CoreHour = cost } : rates;

    private static bool Covers(Grant grant, PlannedDemand demand)
    {
        var slash = demand.Project.IndexOf('/', StringComparison.Ordinal);
        return grant.Covers(slash < 0 ? "" : demand.Project[..slash], demand.Project[(slash + 1)..], demand.Simulation);
    }
}
