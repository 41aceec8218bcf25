using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Accounts;

/// <summary>What the ledger of an account holds.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-fact")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UseCounted), "use-counted")]
[JsonDerivedType(typeof(RolledUp), "rolled-up")]
[JsonDerivedType(typeof(TermsSet), "terms-set")]
[JsonDerivedType(typeof(Exchanged), "escrow-exchanged")]
[JsonDerivedType(typeof(LevelReached), "budget-level-reached")]
[JsonDerivedType(typeof(Published), "events-published")]
[JsonDerivedType(typeof(Happened), "event-happened")]
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

        /// <summary>Institution and project; "" in entries from before it was kept, as those below.</summary>
        [Id(6)] public string Project { get; init; } = "";

        [Id(7)] public string Simulation { get; init; } = "";

        [Id(8)] public string Stage { get; init; } = "";

        /// <summary>The lead one.</summary>
        [Id(9)] public string Node { get; init; } = "";

        /// <summary>All of them, the lead first, where there were several; else empty.</summary>
        [Id(10)] public ImmutableArray<string> Nodes { get; init; } = [];
    }

    /// <summary>All of the log up to a position was looked through.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-rolled-up")]
    public sealed record RolledUp : AccountFact
    {
        [Id(0)] public long Position { get; init; }
    }

    /// <summary>Something was arranged anew.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-terms-set")]
    public sealed record TermsSet : AccountFact
    {
        /// <summary>All that holds from now on.</summary>
        [Id(0)] public AccountTerms Terms { get; init; } = new();

        /// <summary>Who did it.</summary>
        [Id(1)] public string By { get; init; } = "";

        [Id(2)] public DateTimeOffset At { get; init; }
    }

    /// <summary>A cluster settled and drew.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-exchanged")]
    public sealed record Exchanged : AccountFact
    {
        [Id(0)] public EscrowOrder Order { get; init; } = new();

        /// <summary>By the place of each draw.</summary>
        [Id(1)] public ImmutableArray<bool> Granted { get; init; } = [];

        /// <summary>When the account did it: in the windows of this moment it counts.</summary>
        [Id(2)] public DateTimeOffset At { get; init; }
    }

    /// <summary>80, 90 or 100 % of a budget are used.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-level-reached")]
    public sealed record LevelReached : AccountFact
    {
        /// <summary>The budget's.</summary>
        [Id(0)] public string Key { get; init; } = "";

        [Id(1)] public int Level { get; init; }

        /// <summary>What is told of it.</summary>
        [Id(2)] public OrchestratorEvent Event { get; init; } = new();
    }

    /// <summary>Something to be told.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-happened")]
    public sealed record Happened : AccountFact
    {
        [Id(0)] public OrchestratorEvent Event { get; init; } = new();
    }

    /// <summary>Events of the outbox are in the log.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.account-published")]
    public sealed record Published : AccountFact
    {
        /// <summary>Of the last of them.</summary>
        [Id(0)] public long Sequence { get; init; }
    }
}
