namespace Orchestrator.Core.Failures;

/// <summary>By what a failure was noticed.</summary>
[GenerateSerializer, Alias("orchestrator.failure-detection")]
public enum FailureDetection
{
    Absent = 0,

    /// <summary>Heartbeats stayed away.</summary>
    Heartbeat = 1,

    /// <summary>Something measured crossed a limit, or stood still.</summary>
    Metrics = 2,

    /// <summary>The last words of the program.</summary>
    LogAnalysis = 3,

    /// <summary>The system said so: an exit status, a signal, a reason of the batch system.</summary>
    SystemReport = 4,

    /// <summary>A person.</summary>
    Manual = 5,
    Prediction = 6,
}
