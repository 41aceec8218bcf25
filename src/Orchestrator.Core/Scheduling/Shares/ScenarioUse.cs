using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// How the scenarios of one set divide what they get, by start-time fair queueing (P. Goyal, H. Vin, H. Cheng, "Start-Time Fair Queueing", 1996): each use counts for its scenario by the share that
/// holds when it starts, and who has the least is next.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-set-use")]
public sealed record ScenarioSetUse
{
    /// <summary>By name.</summary>
    [Id(0)] public ImmutableSortedDictionary<string, ScenarioUse> Scenarios { get; init; } = ImmutableSortedDictionary<string, ScenarioUse>.Empty;

    /// <summary>
    /// The largest pass with which anything started, without what was expected of what ran: estimates are too long. Who wanted nothing for a while goes on from here: it saved nothing up.
    /// </summary>
    [Id(1)] public double Virtual { get; init; }

    /// <summary>Since when the shares are as they are: from here it is counted what each scenario gets.</summary>
    [Id(2)] public DateTimeOffset From { get; init; }
}

/// <summary>What one scenario asked for and got.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-use")]
public sealed record ScenarioUse
{
    /// <summary>The share that holds, 0 to 1.</summary>
    [Id(0)] public double Share { get; init; }

    /// <summary>Since when <see cref="CoreSeconds"/> are counted; before the set's <see cref="ScenarioSetUse.From"/>: they count no more.</summary>
    [Id(1)] public DateTimeOffset From { get; init; }

    /// <summary>Core-seconds of leases that ended.</summary>
    [Id(2)] public double CoreSeconds { get; init; }

    /// <summary>Core-seconds for its share: of what ended, and what is expected of what runs.</summary>
    [Id(3)] public double Pass { get; init; }

    /// <summary>How much of its pass is expected of what runs.</summary>
    [Id(4)] public double Charged { get; init; }
}
