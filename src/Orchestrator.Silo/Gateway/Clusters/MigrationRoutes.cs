using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>Operators move running work.</summary>
internal static class MigrationRoutes
{
    public static void Map(Routes routes)
    {
        var (simulations, clusters) = (routes.Get<SimulationAccess>(), routes.Get<ClusterAccess>());
        routes.Map(
            "POST", "/v1/simulations/{id}/migrate",
            new()
            {
                Summary = "Move what runs of a simulation to other nodes: it checkpoints, leaves, and goes on elsewhere. Refused within the cooldown after it made way; protected work, and what is not known to make checkpoints, only with force.",
                Role = Role.Operator,
                Action = "simulation.migrate",
                Takes = typeof(MigrationRequest),
                Returns = typeof(ArrangementReply),
            },
            async call =>
            {
                var request = call.TryReadOrder<MigrationRequest>() ?? new();
                var view = await simulations.ControlAsync(call);
                if (request.Reason is { Length: > Reasoned.ReasonLengthMax } reason)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "reason", Message = $"it has {reason.Length} characters", Allowed = $"at most {Reasoned.ReasonLengthMax}" });
                }

                if (request.Stage is { } stage && !view.Stages.Any(other => other.Name == stage))
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "stage", Message = $"there is no stage \"{stage}\"", Allowed = string.Join(", ", view.Stages.Select(static other => other.Name)) });
                }

                var reply = await clusters.Cluster.MigrateAsync(new() { Simulation = view.Id, Stage = request.Stage, Force = request.Force, Reason = request.Reason ?? "" }, CancellationToken.None);
                return reply.Accepted
                    ? Reply.Json(reply) with { Outcome = reply.Changed ? "accepted" : "unchanged", Details = $"{(request.Stage is null ? "" : $"{request.Stage}; ")}{(request.Force ? "forced; " : "")}{request.Reason}" }
                    : throw ProblemException.Conflict(reply.Problem);
            });
    }
}
