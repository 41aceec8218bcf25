using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What one account has of a cluster now, in cores, by the book that plans are made by. Nodes that are not seen do not count, nor what is held of them.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.share-standing")]
public sealed record ShareStanding
{
    /// <summary>The value of its id.</summary>
    [Id(0)] public string Account { get; init; } = "";

    /// <summary>Cores that there are.</summary>
    [Id(1)] public long Total { get; init; }

    /// <summary>What it gets whenever it wants it; where all accounts together are guaranteed more than there is, its part of that.</summary>
    [Id(2)] public long Guaranteed { get; init; }

    /// <summary>What it never exceeds.</summary>
    [Id(3)] public long Maximum { get; init; }

    /// <summary>What its attempts hold.</summary>
    [Id(4)] public long Held { get; init; }

    /// <summary>What those ask for that wait, as far as the cluster could ever hold them.</summary>
    [Id(5)] public long Waiting { get; init; }

    /// <summary>What is its own as long as all want what they want now: its guarantee without what it lends, its part of what is left over, and what it borrows.</summary>
    [Id(6)] public long Allotted { get; init; }

    /// <summary>Of <see cref="Held"/>: what others are guaranteed.</summary>
    [Id(7)] public long Borrowed { get; init; }

    /// <summary>Of <see cref="Guaranteed"/>: what others hold.</summary>
    [Id(8)] public long Lent { get; init; }

    /// <summary>From whom, and to whom: those in which it is the borrower or the lender.</summary>
    [Id(9)] public ImmutableArray<ShareLoan> Loans { get; init; } = [];

    /// <summary>GPUs that its attempts hold; of one that is shared its part. No account is guaranteed GPUs: they follow the cores.</summary>
    [Id(10)] public double GpusHeld { get; init; }
}
