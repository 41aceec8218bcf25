using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Workflows;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>Priorities and deadlines that people gave to work.</summary>
internal static class PriorityRoutes
{
    public static void Map(Routes routes)
    {
        var (access, clock) = (routes.Get<ClusterAccess>(), routes.Get<TimeProvider>());
        routes.Map("GET", "/v1/priorities", new() { Summary = "Priorities that were set, by target.", Returns = typeof(Page<PrioritySetting>) }, async call =>
        {
            call.Query.Check();
            var all = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Priorities;
            var own = await OwnAsync(call, all.Any(static setting => setting.Project.Length == 0));
            return Reply.Json(new Page<PrioritySetting> { Items = [.. all.Where(setting => Sees(call, setting.Project, setting.Target.Split('/')[0], own))] });
        });
        routes.Map(
            "PUT", "/v1/priorities",
            new() { Summary = "Set the priority of a simulation, a stage of one, or a campaign; without value and class it is computed again.", Role = Role.Submitter, Action = "priority.set", Takes = typeof(PriorityRequest), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var request = call.ReadOrder<PriorityRequest>();
                var check = new BodyCheck(clock.GetUtcNow());
                check.Require(!string.IsNullOrWhiteSpace(request.Target), "target", "it is missing", "a simulation (s-…), a stage of one (s-…/stage), or a campaign");
                check.Require(request.Value is null or (>= 0 and <= 1), "value", FormattableString.Invariant($"it is {request.Value}"), "0 to 1");
                var setting = new PrioritySetting { Target = PrioritySetting.TargetOf(request.Target ?? ""), Value = request.Value, Class = check.Choice("class", request.Class, PriorityClass.Absent) };
                call.Subject = setting.Target.Split('/')[0];
                check.Throw();
                var work = (await access.ControlledAsync(call, setting.Target, stages: true))[0];
                return ClusterAccess.Answer(
                    await access.Cluster.SetPriorityAsync(setting with { Project = work.Project, Campaign = work.Campaign }, CancellationToken.None),
                    FormattableString.Invariant($"{setting.Target}: {(setting.IsEmpty ? "computed" : $"{setting.Value} {(setting.Class == PriorityClass.Absent ? "" : setting.Class)}".Trim())}"));
            });
        routes.Map("GET", "/v1/deadlines", new() { Summary = "Deadlines that were set after the submission, by simulation.", Returns = typeof(Page<DeadlineSetting>) }, async call =>
        {
            call.Query.Check();
            var all = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Deadlines;
            var own = await OwnAsync(call, all.Any(static setting => setting.Project.Length == 0));
            return Reply.Json(new Page<DeadlineSetting> { Items = [.. all.Where(setting => Sees(call, setting.Project, setting.Simulation.Value, own))] });
        });
        routes.Map(
            "PUT", "/v1/deadlines",
            new() { Summary = "Set the deadline of a simulation, or of each live one of a campaign; null takes it away.", Role = Role.Submitter, Action = "deadline.set", Takes = typeof(DeadlineRequest), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var request = call.ReadOrder<DeadlineRequest>();
                call.Subject = request.Target;
                var check = new BodyCheck(clock.GetUtcNow());
                check.Require(!string.IsNullOrWhiteSpace(request.Target), "target", "it is missing", "a simulation (s-…), or a campaign");
                var deadline = check.Moment("deadline", request.Deadline);
                check.Require(deadline is null || deadline > check.Now, "deadline", $"{deadline:u} is over already", "a moment to come");
                check.Throw();
                var rows = await access.ControlledAsync(call, request.Target, stages: false);
                var changed = false;
                foreach (var row in rows.Where(static row => !row.Status.IsFinal()))
                {
                    var reply = await access.Cluster.SetDeadlineAsync(new() { Simulation = row.Id, Deadline = deadline, Project = row.Project, Campaign = row.Campaign }, CancellationToken.None);
                    if (!reply.Accepted)
                    {
                        throw BodyCheck.Refused(reply.Problem);
                    }

                    changed |= reply.Changed;
                }

                return ClusterAccess.Answer(new() { Accepted = true, Changed = changed }, $"{request.Target}: {(deadline is null ? "none" : $"{deadline:u}")}");
            });

        // Of what older releases stored, which say no project, the names of his own work are looked for.
        async Task<HashSet<string>> OwnAsync(Call call, bool isNeeded) => !isNeeded || call.Caller.SeesEverything ? []
            : [.. (await access.RowsAsync(SimulationScope.Of(call.Caller), call.Cancellation)).SelectMany(static row => (string[])[row.Id.Value, row.Campaign])];
    }

    private static bool Sees(Call call, string project, string name, HashSet<string> own) => project.Length > 0 ? call.Caller.Sees(project) : call.Caller.SeesEverything || own.Contains(name);
}
