using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>The energy mode of a cluster, what energy costs there, and what each mode would save.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.energy-report")]
public sealed record EnergyReport
{
    /// <summary>What somebody set; absent: nobody did, and the policy decides.</summary>
    [Id(0)] public EnergyMode Mode { get; init; }

    /// <summary>What somebody set of prices, as in <see cref="EnergyOutlook.Prices"/>; empty: the policy's tariff holds.</summary>
    [Id(1)] public ImmutableArray<EnergyPrice> Prices { get; init; } = [];

    /// <summary>The mode that plans are made by now; absent: energy decides nothing.</summary>
    [Id(2)] public EnergyMode InForce { get; init; }

    /// <summary>Of a kilowatt-hour, from the present price on, as far as is known or a day ahead.</summary>
    [Id(3)] public ImmutableArray<EnergyPrice> Ahead { get; init; } = [];

    /// <summary>
    /// The part, 0 to 1, of what all nodes that are seen draw at work in performance mode that each other mode saves: an estimate by the usual figures of each class of node. One that has figures of its own
    /// draws those in every mode, and saves by being switched off.
    /// </summary>
    [Id(4)] public ImmutableSortedDictionary<EnergyMode, double> Savings { get; init; } = ImmutableSortedDictionary<EnergyMode, double>.Empty;

    /// <summary>Watts that the same nodes draw at work in performance mode.</summary>
    [Id(5)] public double Watts { get; init; }

    public static EnergyReport Of(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var nodes = view.Nodes.Where(static node => !node.NotSeen).ToArray();
        var outlook = view.Context.Energy;
        var prices = outlook.Prices.IsDefaultOrEmpty ? view.Settings.Energy.Tariff.Prices(now, now + TimeSpan.FromDays(1)) : outlook.Prices;
        return new()
        {
            Mode = outlook.Mode,
            Prices = outlook.Prices.IsDefault ? [] : outlook.Prices,
            InForce = EnergyModes.InForce(view, now),
            Ahead = [.. prices.Where((price, at) => at + 1 == prices.Length || prices[at + 1].From > now)],
            Savings = ImmutableSortedDictionary.CreateRange(
                ((EnergyMode[])[EnergyMode.Balanced, EnergyMode.Efficiency, EnergyMode.NightSavings]).Select(mode => KeyValuePair.Create(mode, EnergyWatts.Savings(nodes, mode)))),
            Watts = nodes.Sum(static node => EnergyWatts.Busy(node, EnergyMode.Performance)),
        };
    }
}
