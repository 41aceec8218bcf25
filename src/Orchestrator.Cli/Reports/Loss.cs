using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Reports;

/// <summary>One attempt that was lost with a node, and what became of its stage.</summary>
internal sealed record Loss
{
    public AttemptId Attempt { get; init; }

    public string SimulationName { get; init; } = "";

    /// <summary>When it was decided that the attempt is over.</summary>
    public DateTimeOffset At { get; init; }

    public string? Node { get; init; }

    /// <summary>From the node's last sign of life to the decision.</summary>
    public TimeSpan? NoticedAfter { get; init; }

    /// <summary>The last step it reported; null: none.</summary>
    public long? LastStep { get; init; }

    /// <summary>When the next attempt's program ran; null: not yet, or never.</summary>
    public DateTimeOffset? WentOnAt { get; init; }

    public string? WentOnOn { get; init; }

    /// <summary>The checkpoint it went on from; null: from the beginning.</summary>
    public string? Checkpoint { get; init; }

    public long? RestoredStep { get; init; }

    public long? StepsAgain { get; init; }

    /// <summary>What was lost and how it went on, from the loss on: <c>node-3 was lost …; restored step 1,600 on node-1; 200 steps again</c>.</summary>
    public string Tell()
    {
        var text = $"{Node ?? "a node"} was lost with {Attempt.Stage} of {SimulationName}";
        text += LastStep is { } step ? $" at step {ReportText.Count(step)}" : "";
        text += NoticedAfter is { } noticed ? $"; noticed after {DurationWords.Of(noticed)}" : "";
        return text + "; " + TellRecovery();
    }

    /// <summary><c>restored step 1,600 on node-1; 200 steps again</c>.</summary>
    public string TellRecovery()
    {
        if (WentOnAt is null)
        {
            return "it has not gone on yet";
        }

        var from = (RestoredStep, Checkpoint) switch
        {
            ({ } step, not null) => $"restored step {ReportText.Count(step)}",
            (_, { } name) => $"restored {name}",
            _ => "started again from the beginning",
        };
        return $"{from} on {WentOnOn ?? "another node"}" + (StepsAgain is { } again ? $"; {ReportText.Of(again, "step")} again" : "");
    }
}
