namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What one account (a project, or a client) claims of a cluster that is divided.</summary>
public sealed record ShareClaim
{
    /// <summary>Its name; unique.</summary>
    public string Account { get; init; } = "";

    /// <summary>Part of the whole that it gets in any case, 0 to 1. If all together claim more than the whole, each gets less in proportion.</summary>
    public double Guaranteed { get; init; }

    /// <summary>Part of the whole that it never exceeds, <see cref="Guaranteed"/> to 1.</summary>
    public double Maximum { get; init; } = 1;

    /// <summary>Part of its guarantee that it lends at most, 0 to 1.</summary>
    public double LendLimit { get; init; } = 0.5;

    public bool MayBorrow { get; init; } = true;

    /// <summary>What it could use now, in what is divided; 0: nothing.</summary>
    public long Demand { get; init; }
}

/// <summary>What one account gets.</summary>
public sealed record ShareAllotment
{
    public string Account { get; init; } = "";

    /// <summary>After scaling.</summary>
    public long Guaranteed { get; init; }

    /// <summary>The most that it could get.</summary>
    public long Maximum { get; init; }

    /// <summary>What it gets in all: its guarantee, of what is left over, and what it borrows, without what it lends.</summary>
    public long Allotted { get; init; }

    /// <summary>From others' guarantees.</summary>
    public long Borrowed { get; init; }

    /// <summary>Of its own guarantee.</summary>
    public long Lent { get; init; }

    /// <summary><see cref="Allotted"/> as part of the whole, 0 to 1; 0 of nothing.</summary>
    public double Part { get; init; }
}

/// <summary>What one account holds out of what another is guaranteed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.share-loan")]
public sealed record ShareLoan
{
    /// <summary>The account that is guaranteed it; "" where that is not told.</summary>
    [Id(0)] public string Lender { get; init; } = "";

    /// <summary>The account that holds it; "" where that is not told.</summary>
    [Id(1)] public string Borrower { get; init; } = "";

    /// <summary>In what was divided; above 0.</summary>
    [Id(2)] public long Amount { get; init; }
}
