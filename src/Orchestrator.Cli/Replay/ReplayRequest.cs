using Orchestrator.Core.Replay;

namespace Orchestrator.Cli.Replay;

/// <summary>What was asked on the command line.</summary>
internal sealed record ReplayRequest
{
    public required string Trace { get; init; }

    /// <summary>A name, or the path of a file.</summary>
    public required string Policy { get; init; }

    /// <summary>Null: as the trace says.</summary>
    public int? Processors { get; init; }

    public bool PerfectEstimates { get; init; }

    /// <summary>Durations are learned from the jobs that ended.</summary>
    public bool PredictedEstimates { get; init; }

    /// <summary>As the option is written.</summary>
    public string Estimates => PerfectEstimates ? "perfect" : PredictedEstimates ? "predicted" : "user";

    public double Load { get; init; } = 1;

    public EventOrder Events { get; init; } = EventOrder.OneByOne;

    /// <summary>Null: 1, or as the description says.</summary>
    public int? Seed { get; init; }

    public string? JobsOut { get; init; }

    public string? SummaryOut { get; init; }
}
