namespace Orchestrator.Core.Failures;

/// <summary>How grave a failure is; a higher number is graver.</summary>
[GenerateSerializer, Alias("orchestrator.failure-severity")]
public enum FailureSeverity
{
    Absent = 0,
    Info = 1,
    Low = 2,
    Medium = 3,
    High = 4,
    Critical = 5,
}
