namespace Orchestrator.Storage;

/// <summary>
/// Another activation appended to the ledger first: nothing of this append was stored.
/// The caller no longer knows the truth, and must deactivate and load again.
/// </summary>
[GenerateSerializer, Alias("orchestrator.ledger-fenced-exception")]
public sealed class LedgerFencedException : OrchestratorException
{
    public LedgerFencedException()
    {
    }

    public LedgerFencedException(string message) : base(message)
    {
    }

    public LedgerFencedException(string message, Exception? inner) : base(message, inner)
    {
    }

    public LedgerFencedException(string grain, long expectedSequence, long storedSequence)
        : base($"The ledger of {grain} is at {storedSequence}, not at {expectedSequence}: another activation has written to it.")
    {
        Grain = grain;
        ExpectedSequence = expectedSequence;
        StoredSequence = storedSequence;
    }

    [Id(0)] public string? Grain { get; init; }

    /// <summary>The last sequence that the caller knew.</summary>
    [Id(1)] public long ExpectedSequence { get; init; }

    /// <summary>The last sequence that is stored.</summary>
    [Id(2)] public long StoredSequence { get; init; }
}
