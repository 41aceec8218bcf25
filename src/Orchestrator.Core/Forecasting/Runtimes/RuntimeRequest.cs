namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>Work whose duration is asked for.</summary>
public readonly record struct RuntimeRequest
{
    /// <summary>"": not known.</summary>
    public string User { get; init; }

    /// <summary>Program, stage or kind of job; "": not known.</summary>
    public string Program { get; init; }

    /// <summary>Cores or nodes; at least 1.</summary>
    public long Size { get; init; }

    /// <summary>What the user says that it takes at most; null: nothing.</summary>
    public TimeSpan? Estimate { get; init; }

    /// <summary>Nothing ends the work at its estimate: it may run longer, and so may what is predicted.</summary>
    public bool IsUnlimited { get; init; }
}
