using System.Text.Json.Serialization;

namespace Orchestrator.Core.Accounts;

/// <summary>What the ledger of an account holds.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-fact")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UseCounted), "use-counted")]
[JsonDerivedType(typeof(RolledUp), "rolled-up")]
public abstract record AccountFact
{
    private AccountFact()
    {
    }

    /// <summary>An attempt ended and its use was counted.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-use-counted")]
    public sealed record UseCounted : AccountFact
    {
        [Id(0)] public string Source { get; init; } = "";

        [Id(1)] public long Sequence { get; init; }

        [Id(2)] public long Position { get; init; }

        /// <summary>When the attempt ended.</summary>
        [Id(3)] public DateTimeOffset At { get; init; }

        [Id(4)] public string User { get; init; } = "";

        [Id(5)] public ResourceUse Use { get; init; } = new();
    }

    /// <summary>All of the log up to a position was looked through.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-rolled-up")]
    public sealed record RolledUp : AccountFact
    {
        [Id(0)] public long Position { get; init; }
    }
}
