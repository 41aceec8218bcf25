using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Rows of the index, as lists show them.</summary>
internal static class SimulationRow
{
    public static bool IsFinal(this SimulationStatus status) => status >= SimulationStatus.Completed;

    /// <summary>The project of a row is "institution/project".</summary>
    public static Ownership Owner(this SimulationSummary row) => row.Project.Split('/') is [var institution, var project]
        ? new() { Institution = institution, Project = project, User = row.User }
        : new() { Project = row.Project, User = row.User };

    /// <summary>What the summary of a row says; for a row of a release before, what its columns say.</summary>
    public static SimulationSummary Read(SimulationIndexEntry entry)
    {
        var summary = entry.Summary.IsEmpty ? null : JsonSerializer.Deserialize<SimulationSummary>(entry.Summary.Span, WireJson.Options);
        return summary ?? new()
        {
            Id = new(entry.Simulation),
            Campaign = entry.Campaign ?? "",
            Project = entry.Project ?? "",
            Variant = entry.Variant ?? "",
            Status = Enum.TryParse<SimulationStatus>(entry.Status, ignoreCase: true, out var status) ? status : SimulationStatus.Absent,
            Priority = (PriorityClass)entry.Priority,
            Progress = entry.Progress,
            User = entry.Owner ?? "",
            SubmittedAt = entry.SubmittedAt,
            UpdatedAt = entry.UpdatedAt,
        };
    }

    /// <summary>The row of a simulation that was just accepted; any of the grain's replaces it.</summary>
    public static SimulationIndexEntry First(SimulationDefinition definition, DateTimeOffset now)
    {
        var summary = new SimulationSummary
        {
            Id = definition.Id,
            Campaign = definition.Campaign,
            Project = $"{definition.Owner.Institution}/{definition.Owner.Project}",
            Variant = definition.Variant,
            Member = definition.Member,
            Status = SimulationStatus.Pending,
            Priority = definition.Priority,
            User = definition.Owner.User,
            Labels = definition.Labels,
            SubmittedAt = now,
            UpdatedAt = now,
        };
        return new()
        {
            Simulation = definition.Id.Value,
            Campaign = definition.Campaign,
            Project = summary.Project,
            Scenario = definition.Scenario?.Value,
            Variant = definition.Variant,
            Status = Names.Camel(nameof(SimulationStatus.Pending)),
            IsLive = true,
            Owner = definition.Owner.User,
            Institution = definition.Owner.Institution,
            Cluster = definition.Cluster.Value,
            Priority = (int)definition.Priority,
            SubmittedAt = now,
            UpdatedAt = now,
            Version = 0,
            Summary = JsonSerializer.SerializeToUtf8Bytes(summary, WireJson.Options),
        };
    }
}
