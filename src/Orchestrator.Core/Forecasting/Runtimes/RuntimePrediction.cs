namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>How long work is likely to run.</summary>
public readonly record struct RuntimePrediction
{
    /// <summary>About as often too long as too short; never above the user's estimate where that is a limit, at least a second.</summary>
    public TimeSpan Expected { get; init; }

    /// <summary>One of twenty runs is shorter.</summary>
    public TimeSpan Lower { get; init; }

    /// <summary>One of twenty runs is longer.</summary>
    public TimeSpan Upper { get; init; }

    /// <summary>Runs that the expected rests on, the newest 16 at most; 0: it is the estimate, or nothing is known.</summary>
    public int Runs { get; init; }

    /// <summary>On what it rests; a phrase.</summary>
    public string Basis { get; init; }
}
