namespace Orchestrator.Core.Workflows;

/// <summary>The class of priority a user gives; the scheduler's factors refine the order inside it.</summary>
[GenerateSerializer, Alias("orchestrator.priority-class")]
public enum PriorityClass
{
    Absent = 0,
    Background = 1,
    Low = 2,
    Medium = 3,
    High = 4,
    Critical = 5,
}
