namespace Orchestrator.Core.Forecasting.Series;

/// <summary>What a step without any measurement means.</summary>
public enum MissingSteps
{
    Absent = 0,

    /// <summary>Few are unknown and filled in from their neighbours; where more than a tenth is missing, nothing was used in them.</summary>
    Guess = 1,

    /// <summary>Nothing was used.</summary>
    Zero = 2,

    /// <summary>Nobody knows: filled in from the neighbours.</summary>
    Unknown = 3,
}
