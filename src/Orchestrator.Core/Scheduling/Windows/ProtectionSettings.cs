namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What protection is worth.</summary>
public sealed record ProtectionSettings
{
    /// <summary>Protected work may delay the start of a major window by so long in all.</summary>
    public TimeSpan DelayMajor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A protected attempt may be moved (a relocation) when it loses at most so much.</summary>
    public TimeSpan RelocationLoss { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So long before a window starts, protected work on its nodes is moved as soon as it has just checkpointed.</summary>
    public TimeSpan RelocateAhead { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Part of the cluster's cores that one account's protected work may hold; more is not protected.</summary>
    public double AccountPart { get; init; } = 1;
}
