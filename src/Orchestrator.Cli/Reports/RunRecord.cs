using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;

namespace Orchestrator.Cli.Reports;

/// <summary>Everything that the files of a report are made of.</summary>
internal sealed record RunRecord
{
    public string Title { get; init; } = "";

    public ImmutableArray<SimulationView> Simulations { get; init; } = [];

    public ImmutableArray<ScenarioView> Scenarios { get; init; } = [];

    /// <summary>In the order of the event log.</summary>
    public ImmutableArray<OrchestratorEvent> Events { get; init; } = [];

    /// <summary>Attempts from the history, which the views no longer show.</summary>
    public ImmutableArray<AttemptView> OlderAttempts { get; init; } = [];

    /// <summary>Sentences of whoever asks for the report, shown below its title.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    public DateTimeOffset WrittenAt { get; init; }

    /// <summary>The zero of every time that is told as a distance.</summary>
    public DateTimeOffset Start => Simulations.Length == 0 ? WrittenAt : Simulations.Min(static simulation => simulation.SubmittedAt);

    /// <summary>The end of the last simulation; while one runs, the moment of writing.</summary>
    public DateTimeOffset End => Simulations.Length == 0 ? WrittenAt : Simulations.Max(simulation => simulation.EndedAt ?? WrittenAt);

    /// <summary>Each attempt that got nodes, once, in the order of their starts.</summary>
    public ImmutableArray<AttemptView> Attempts() =>
    [
        .. Simulations.SelectMany(static simulation => simulation.Stages).SelectMany(static stage => stage.RecentAttempts).Concat(OlderAttempts)
            .Where(static attempt => attempt.Nodes.Length > 0)
            .GroupBy(static attempt => attempt.Attempt)
            .Select(static same => same.OrderByDescending(static attempt => attempt.EndedAt.HasValue).First())
            .OrderBy(static attempt => attempt.StartedAt ?? attempt.GrantedAt ?? attempt.QueuedAt)
            .ThenBy(static attempt => attempt.Attempt.ToString(), StringComparer.Ordinal),
    ];
}
