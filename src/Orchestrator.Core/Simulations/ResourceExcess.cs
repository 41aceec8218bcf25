namespace Orchestrator.Core.Simulations;

/// <summary>An attempt uses more of the node of its lead than was declared for it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.resource-excess")]
public sealed record ResourceExcess
{
    [Id(0)] public ExcessResource Resource { get; init; }

    /// <summary>Bytes, or cores on average over the time of the measurement.</summary>
    [Id(1)] public double Used { get; init; }

    /// <summary>In the same unit; above 0.</summary>
    [Id(2)] public double Declared { get; init; }

    /// <summary>As <c>6.2 GiB of memory on a node, and declared 4 GiB</c>.</summary>
    public string Tell() => Resource == ExcessResource.Memory
        ? FormattableString.Invariant($"{Gibibytes(Used)} of memory on a node, and declared {Gibibytes(Declared)}")
        : FormattableString.Invariant($"{Used:0.#} cores on a node, and declared {Declared:0.#}");

    /// <summary>What would have been enough, as a campaign file says it, with a fifth to spare.</summary>
    public string Advise() => Resource == ExcessResource.Memory
        ? FormattableString.Invariant($"memory: {Math.Ceiling(Used * Spare / (1024.0 * 1024)):0}M")
        : FormattableString.Invariant($"{Math.Ceiling(Used):0} cores on each node (ranks_per_node times threads)");

    /// <summary>What is measured is seldom the peak.</summary>
    internal const double Spare = 1.2;

    private static string Gibibytes(double bytes) => bytes >= 1024.0 * 1024 * 1024
        ? FormattableString.Invariant($"{bytes / (1024.0 * 1024 * 1024):0.##} GiB")
        : FormattableString.Invariant($"{bytes / (1024.0 * 1024):0.#} MiB");
}

/// <summary>Of what more was used.</summary>
[GenerateSerializer, Alias("orchestrator.excess-resource")]
public enum ExcessResource
{
    Absent = 0,
    Memory = 1,
    Cores = 2,
}
