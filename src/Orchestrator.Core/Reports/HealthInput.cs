using System.Collections.Immutable;

namespace Orchestrator.Core.Reports;

/// <summary>What is known of a simulation that is not over.</summary>
public sealed record SimulationHealth
{
    public string Simulation { get; init; } = "";

    public string Campaign { get; init; } = "";

    public string Status { get; init; } = "";

    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>As estimated now; null: nobody knows.</summary>
    public DateTimeOffset? ExpectedEnd { get; init; }

    /// <summary>One of ten times it ends before; null: not known.</summary>
    public DateTimeOffset? EarliestEnd { get; init; }

    /// <summary>One of ten times it ends after; null: not known.</summary>
    public DateTimeOffset? LatestEnd { get; init; }

    /// <summary>When the newest checkpoint that is proven was taken; null: there is none.</summary>
    public DateTimeOffset? ProvenAt { get; init; }

    public string Proven { get; init; } = "";

    /// <summary>When the newest intact checkpoint of what runs was taken, or when it started if there is none; null: nothing runs.</summary>
    public DateTimeOffset? SafeSince { get; init; }

    /// <summary>Cores that it holds now.</summary>
    public double Cores { get; init; }

    /// <summary>Core-hours a day that it uses while it runs, for what is left of its grant; 0: not known.</summary>
    public double CoreHoursLeft { get; init; }

    /// <summary>Windows ahead on its nodes, with who blocks them; sentences.</summary>
    public ImmutableArray<string> Windows { get; init; } = [];
}

/// <summary>From when on something is wrong.</summary>
public sealed record HealthLimits
{
    /// <summary>The newest proven checkpoint may be so old; a day by default.</summary>
    public TimeSpan ProvenAgeMax { get; init; } = TimeSpan.FromDays(1);

    /// <summary>So much may be lost if it died now; an hour by default.</summary>
    public TimeSpan LossMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>All has to be over by then, such as the end of the grant; null: nothing expires.</summary>
    public DateTimeOffset? Expires { get; init; }
}
