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

    public double Load { get; init; } = 1;

    public EventOrder Events { get; init; } = EventOrder.OneByOne;

    /// <summary>Null: 1, or as the description says.</summary>
    public int? Seed { get; init; }

    public string? JobsOut { get; init; }

    public string? SummaryOut { get; init; }
}
