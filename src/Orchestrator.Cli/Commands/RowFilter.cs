using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary>Which simulations of a list are shown: those of which everything holds that was asked for.</summary>
internal sealed record RowFilter
{
    /// <summary>All of them.</summary>
    public ImmutableArray<(string Name, string Value)> Labels { get; init; } = [];

    /// <summary>One of them; none: any.</summary>
    public ImmutableArray<SimulationStatus> Statuses { get; init; } = [];

    public string? User { get; init; }

    /// <summary>"institution/project".</summary>
    public string? Project { get; init; }

    public bool IsEmpty => Labels.IsEmpty && Statuses.IsEmpty && User is null && Project is null;

    public bool Has(SimulationSummary row) =>
        Labels.All(label => row.Labels.TryGetValue(label.Name, out var value) && value == label.Value)
        && (Statuses.IsEmpty || Statuses.Contains(row.Status))
        && (User is null || row.User == User)
        && (Project is null || row.Project == Project);

    public override string ToString() => string.Join(" and ", Words());

    private IEnumerable<string> Words()
    {
        foreach (var (name, value) in Labels)
        {
            yield return $"{name}={value}";
        }

        if (!Statuses.IsEmpty)
        {
            yield return $"the status {string.Join(" or ", Statuses.Select(static status => Terminal.Words.Status(status)))}";
        }

        if (User is not null)
        {
            yield return $"the user {User}";
        }

        if (Project is not null)
        {
            yield return $"the project {Project}";
        }
    }
}
