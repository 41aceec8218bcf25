using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;
using Orchestrator.Silo.Gateway.Campaigns;
using Orchestrator.Silo.Gateway.Nodes;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>When work would start and end, and what if.</summary>
internal static class PlanRoutes
{
    private const int NodesMax = 10_000;

    public static void Map(Routes routes)
    {
        var (access, clock) = (routes.Get<ClusterAccess>(), routes.Get<TimeProvider>());
        routes.Map(
            "POST", "/v1/plan",
            new() { Summary = "When what runs and waits starts and ends if all runs as long as expected, and what if; it changes nothing.", Takes = typeof(PlanRequest), Returns = typeof(PlanAnswer) },
            async call =>
            {
                var request = call.TryReadOrder<PlanRequest>() ?? new();
                var cluster = await access.Cluster.GetAsync(call.Cancellation);
                var windows = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Windows.Select(static view => view.Window).ToArray();
                var added = string.IsNullOrWhiteSpace(request.Campaign) ? null : await QuestionAsync(request.Campaign, call);
                var what = Read(request, cluster, windows, clock.GetUtcNow()) with { Requests = added?.First ?? [], Followers = added?.Then ?? [] };
                HashSet<SimulationId>? asked = string.IsNullOrEmpty(request.Target) ? null : [.. await SimulationsAsync(request.Target, call)];
                var forecast = await access.Cluster.PlanAsync(what, call.Cancellation);
                return forecast.Problem.Length > 0 ? throw BodyCheck.Refused(forecast.Problem) : Reply.Json(Answer(forecast, asked, what, added, ClusterScope.SeenBy(call.Caller, cluster)));
            });

        async Task<CampaignQuestion> QuestionAsync(string text, Call call)
        {
            var campaign = CampaignFile.Read(text).Campaign;
            if (campaign is not null)
            {
                CampaignSubmission.CheckProject(campaign.Owner.Institution, campaign.Owner.Project, call.Caller);
            }

            // What of it is there already, as far as the caller may know, is part of the plan as it is.
            var rows = campaign is null ? [] : await access.RowsAsync(SimulationScope.Of(call.Caller) with { Campaign = campaign.Name }, call.Cancellation);
            return CampaignQuestion.Read(text, rows.Select(static row => row.Id.Value).ToHashSet(StringComparer.Ordinal), call.Caller.Principal.User, clock.GetUtcNow());
        }

        async Task<IEnumerable<SimulationId>> SimulationsAsync(string target, Call call)
        {
            if (SimulationId.TryParse(target, out var id))
            {
                var mine = await access.RowsAsync(SimulationScope.Of(call.Caller), call.Cancellation);
                if (mine.Exists(row => row.Id == id))
                {
                    return [id];
                }
            }

            var rows = await access.RowsAsync(SimulationScope.Of(call.Caller) with { Campaign = target }, call.Cancellation);
            return rows.Count > 0 ? rows.Select(static row => row.Id) : throw ProblemException.NotFound($"The simulation or campaign {target}");
        }
    }

    /// <exception cref="ProblemException">Something is wrong: all of it is told.</exception>
    private static WhatIf Read(PlanRequest request, ClusterView cluster, IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        var check = new BodyCheck(now);
        check.Require(request.AddNodes is >= 0 and <= NodesMax, "addNodes", $"it is {request.AddNodes}", $"0 to {NodesMax}");
        var like = string.IsNullOrEmpty(request.Like)
            ? cluster.Nodes.Where(static node => node.Status == NodeStatus.Alive).Concat(cluster.Nodes).Select(static node => (NodeId?)node.Id).FirstOrDefault()
            : check.Node("like", request.Like);
        check.Require(request.AddNodes <= 0 || like is not null, "addNodes", "the cluster has no node that they could be like", "0 while there are no nodes");
        check.Require(like is not { } named || cluster.Nodes.Any(node => node.Id == named), "like", $"the cluster has no {request.Like}", "a node of the cluster");
        var moved = new List<MaintenanceWindow>();
        foreach (var (name, text) in request.MoveWindows ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (windows.FirstOrDefault(window => window.Id == name && !window.IsOver) is not { } window)
            {
                check.Refuse($"moveWindows.{name}", "no such window is to come", Allowed(windows));
            }
            else if (Moment(text ?? "", window.Start, out var start, out var problem))
            {
                moved.Add(window with { Start = start, End = start + window.Duration, Status = WindowStatus.Pending, StartedAt = null });
            }
            else
            {
                check.Refuse($"moveWindows.{name}", problem, MomentText.Allowed + ", or -2h; both from its start");
            }
        }

        foreach (var name in request.WithoutWindows.IsDefault ? [] : request.WithoutWindows)
        {
            check.Require(windows.Any(window => window.Id == name && !window.IsOver), $"withoutWindows.{name}", "no such window is to come", Allowed(windows));
        }

        var priorities = new List<PrioritySetting>();
        foreach (var priority in request.Priorities.IsDefault ? [] : request.Priorities)
        {
            var setting = new PrioritySetting { Target = PrioritySetting.TargetOf(priority.Target ?? ""), Value = priority.Value, Class = check.Choice($"priorities.{priority.Target}.class", priority.Class, PriorityClass.Absent) };
            check.Require(PrioritySetting.Problem(setting) is null, $"priorities.{priority.Target}", PrioritySetting.Problem(setting) ?? "", "a target, and 0 to 1 or a class");
            priorities.Add(setting);
        }

        var horizon = check.Duration("horizon", request.Horizon) ?? TimeSpan.FromDays(365);
        check.Throw();
        return new()
        {
            Nodes = request.AddNodes > 0 && like is { } one ? [new() { Like = one, Count = request.AddNodes }] : [],
            Windows = [.. moved],
            WithoutWindows = request.WithoutWindows.IsDefault ? [] : request.WithoutWindows,
            Priorities = [.. priorities],
            Horizon = horizon,
        };
    }

    /// <summary>When all of it starts and ends is told to everybody; which attempts those are, of what the caller may see.</summary>
    private static PlanAnswer Answer(QueueForecast forecast, HashSet<SimulationId>? asked, WhatIf what, CampaignQuestion? added, HashSet<AttemptId>? seen)
    {
        var cutAt = forecast.PlayedUntil is { } until && until < forecast.At + what.Horizon ? forecast.PlayedUntil : null;
        var now = forecast.AsItIs.Where(run => asked is null || asked.Contains(run.Attempt.Simulation)).ToArray();
        var others = forecast.AsItIs.Select(static run => run.Attempt).ToHashSet();
        var then = forecast.Changed.Where(run => others.Contains(run.Attempt) && (asked is null || asked.Contains(run.Attempt.Simulation))).ToDictionary(static run => run.Attempt);
        ForecastRun[] more = added is null ? [] : [.. forecast.Changed.Where(run => !others.Contains(run.Attempt))];
        return new()
        {
            At = forecast.At,
            IsWhole = forecast.IsWhole,
            PlayedUntil = forecast.PlayedUntil,
            IsCutShort = cutAt is not null,
            AsItIs = Outcome(now, forecast.At),
            Changed = what.ChangesNothing ? null : Outcome([.. then.Values], forecast.At),
            Added = added is null ? [] : [.. added.Demand(more, cutAt)],
            AddedOutcome = added is null ? null : Outcome(more, forecast.At),
            AddedCampaign = added?.Campaign.Name,
            Runs =
            [
                .. from run in now
                   where seen is null || seen.Contains(run.Attempt)
                   let changed = then.GetValueOrDefault(run.Attempt)
                   select new PlanRun { Attempt = run.Attempt, Runs = run.Runs, Start = run.Start, End = run.End, ChangedStart = changed?.Start, ChangedEnd = changed?.End },
            ],
        };
    }

    private static PlanOutcome Outcome(IReadOnlyCollection<ForecastRun> runs, DateTimeOffset now) => new()
    {
        Start = runs.Any(static run => run.Runs) ? now : runs.Min(static run => run.Start),
        End = runs.All(static run => (run.SimulationEnd ?? run.End) is not null) ? runs.Max(static run => run.SimulationEnd ?? run.End) : null,
        NeverStart = runs.Count(static run => !run.Runs && run.Start is null),
    };

    /// <summary>From the start of the window, and not from now on.</summary>
    private static bool Moment(string text, DateTimeOffset start, out DateTimeOffset moment, out string problem)
    {
        if (!text.StartsWith('-'))
        {
            return MomentText.TryParse(text, start, out moment, out problem);
        }

        var read = DurationText.TryParse(text[1..], out var earlier, out problem);
        moment = read ? start - earlier : start;
        return read;
    }

    private static string Allowed(IReadOnlyList<MaintenanceWindow> windows) =>
        string.Join(", ", windows.Where(static window => !window.IsOver).Select(static window => window.Id)) is { Length: > 0 } names ? names : "none: there are no windows";
}
