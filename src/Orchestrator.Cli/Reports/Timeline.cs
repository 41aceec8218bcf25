using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Reports;

/// <summary>What happened on each node over time: the one source of the timeline's two files.</summary>
internal sealed record Timeline
{
    public string Title { get; init; } = "";

    public DateTimeOffset From { get; init; }

    public DateTimeOffset To { get; init; }

    /// <summary>By name.</summary>
    public ImmutableArray<TimelineNode> Nodes { get; init; } = [];

    public static Timeline Of(RunRecord record)
    {
        var names = record.Simulations.ToDictionary(static simulation => simulation.Id, ReportMarkdown.NameOf);
        var attempts = record.Attempts();
        var nodes = attempts.SelectMany(static attempt => attempt.Nodes).Concat(record.Events.Where(static seen => seen.Kind == EventKinds.NodeLost && seen.Node is not null).Select(static seen => seen.Node!.Value))
            .Distinct().OrderBy(static node => node.Value, StringComparer.Ordinal);
        return new()
        {
            Title = record.Title,
            From = record.Start,
            To = record.End,
            Nodes =
            [
                .. nodes.Select(node => new TimelineNode
                {
                    Node = ReportText.Node(node.Value),
                    Attempts =
                    [
                        .. attempts.Where(attempt => attempt.Nodes.Contains(node)).Select(attempt => new TimelineAttempt
                        {
                            Simulation = names.GetValueOrDefault(attempt.Attempt.Simulation) ?? attempt.Attempt.Simulation.Value,
                            Stage = attempt.Attempt.Stage,
                            Epoch = attempt.Attempt.Epoch,
                            IsLead = attempt.Nodes[0] == node,
                            Start = attempt.StartedAt ?? attempt.GrantedAt ?? record.Start,
                            End = attempt.EndedAt,
                            Reason = attempt.End,
                            Restored = attempt.Restored,
                            Checkpoints =
                            [
                                .. record.Events.Where(seen => seen.Kind == EventKinds.CheckpointCommitted && seen.Simulation == attempt.Attempt.Simulation && seen.Stage == attempt.Attempt.Stage && seen.Epoch == attempt.Attempt.Epoch)
                                    .Select(static seen => new TimelineCheckpoint { At = seen.At, Name = seen.Checkpoint ?? "", Step = seen.Step }),
                            ],
                        }),
                    ],
                    Losses =
                    [
                        .. record.Events.Where(seen => seen.Kind == EventKinds.NodeLost && seen.Node == node)
                            .Select(static seen => new TimelineLoss { At = seen.At, LastSeen = seen.NoticedAfter is { } after ? seen.At - after : null }),
                    ],
                }),
            ],
        };
    }
}

/// <summary>One node.</summary>
internal sealed record TimelineNode
{
    public string Node { get; init; } = "";

    /// <summary>In the order of their starts.</summary>
    public ImmutableArray<TimelineAttempt> Attempts { get; init; } = [];

    /// <summary>Times that it was given up.</summary>
    public ImmutableArray<TimelineLoss> Losses { get; init; } = [];
}

/// <summary>One attempt, on each of its nodes.</summary>
internal sealed record TimelineAttempt
{
    public string Simulation { get; init; } = "";

    public string Stage { get; init; } = "";

    public int Epoch { get; init; }

    public bool IsLead { get; init; }

    public DateTimeOffset Start { get; init; }

    /// <summary>Null while it lives.</summary>
    public DateTimeOffset? End { get; init; }

    public AttemptEnd Reason { get; init; }

    public string? Restored { get; init; }

    public ImmutableArray<TimelineCheckpoint> Checkpoints { get; init; } = [];
}

/// <summary>A checkpoint that was committed.</summary>
internal sealed record TimelineCheckpoint
{
    public DateTimeOffset At { get; init; }

    public string Name { get; init; } = "";

    public long? Step { get; init; }
}

/// <summary>A node was given up.</summary>
internal sealed record TimelineLoss
{
    public DateTimeOffset At { get; init; }

    /// <summary>Its last sign of life before.</summary>
    public DateTimeOffset? LastSeen { get; init; }
}
