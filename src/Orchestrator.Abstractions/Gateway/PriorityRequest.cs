namespace Orchestrator.Abstractions.Gateway;

/// <summary>A priority to be set; without value and class what was set is taken back.</summary>
public sealed record PriorityRequest
{
    /// <summary>A simulation (s-key), a stage of one (s-key/stage), or a campaign.</summary>
    public string Target { get; init; } = "";

    /// <summary>0 to 1, in place of the computed priority.</summary>
    public double? Value { get; init; }

    /// <summary>background, low, medium, high or critical, in place of the class that it was submitted with.</summary>
    public string? Class { get; init; }
}

/// <summary>A deadline to be set.</summary>
public sealed record DeadlineRequest
{
    /// <summary>A simulation, or a campaign: each of its simulations that has not ended.</summary>
    public string Target { get; init; } = "";

    /// <summary>A moment as in 2026-08-01T08:00:00Z, or from now on as in +2d; null: none any more.</summary>
    public string? Deadline { get; init; }
}
