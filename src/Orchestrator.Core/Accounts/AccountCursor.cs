namespace Orchestrator.Core.Accounts;

/// <summary>How far one source was counted beyond the last roll-up.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-cursor")]
public sealed record AccountCursor
{
    /// <summary>At the source.</summary>
    [Id(0)] public long Sequence { get; init; }

    /// <summary>In the log.</summary>
    [Id(1)] public long Position { get; init; }
}
