using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>The cluster of the deployment, and the work on it that a caller may decide about.</summary>
internal sealed class ClusterAccess(IGrainFactory grains, ISimulationIndex index, SiloConfiguration configuration)
{
    public IClusterGrain Cluster => grains.GetGrain<IClusterGrain>(configuration.Deployment.Cluster);

    /// <summary>The answer to a change that was accepted.</summary>
    /// <exception cref="ProblemException">It was refused.</exception>
    public static Reply Answer(ArrangementReply reply, string? details, int status = 200) => reply.Accepted
        ? Reply.Json(reply, status) with { Outcome = reply.Changed ? "accepted" : "unchanged", Details = details }
        : throw BodyCheck.Refused(reply.Problem);

    /// <summary>The simulations that a name stands for: one, by its id or that of a stage of it, or those of a campaign.</summary>
    /// <exception cref="ProblemException">There is nothing of that name, or it is not the caller's to change.</exception>
    public async Task<IReadOnlyList<SimulationSummary>> ControlledAsync(Call call, string target, bool stages)
    {
        var plain = PrioritySetting.TargetOf(target);
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        var name = stages && slash > 0 ? plain[..slash] : plain;
        var rows = new List<SimulationSummary>();
        if (SimulationId.TryParse(name, out var id) && await grains.GetGrain<Abstractions.Simulations.ISimulationGrain>(id.Value).GetAsync(call.Cancellation) is { } view && call.Caller.Sees(view.Owner))
        {
            if (name.Length < plain.Length && !view.Stages.Any(stage => stage.Name == plain[(slash + 1)..]))
            {
                throw ProblemException.NotFound($"The stage {plain}");
            }

            rows.Add(new() { Id = view.Id, Status = view.Status, Campaign = view.Campaign, User = view.Owner.User, Project = $"{view.Owner.Institution}/{view.Owner.Project}" });
        }
        else if (name == plain && name.Length > 0)
        {
            rows.AddRange(await RowsAsync(SimulationScope.Of(call.Caller) with { Campaign = name }, call.Cancellation));
        }

        return rows.Count == 0 ? throw ProblemException.NotFound($"The simulation or campaign {target}")
            : rows.Find(row => !call.Caller.Controls(row.Owner())) is { } foreign ? throw ProblemException.Forbidden($"{foreign.Id} is {foreign.User}'s; an operator may change it.")
            : rows;
    }

    public async Task<List<SimulationSummary>> RowsAsync(SimulationIndexFilter filter, CancellationToken cancellationToken)
    {
        var rows = new List<SimulationSummary>();
        string? cursor = null;
        do
        {
            var page = await index.QueryAsync(filter, cursor, 1000, cancellationToken);
            rows.AddRange(page.Entries.Select(SimulationRow.Read));
            cursor = page.Next;
        }
        while (cursor is not null);
        return rows;
    }
}
