using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>What a request for nodes must satisfy to be queued.</summary>
public static class LeaseRequestRules
{
    /// <summary>What is wrong with it, as a sentence that names the field and what is allowed (invariant 12); null: nothing.</summary>
    public static string? Problem(LeaseRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return
            request.Attempt.Simulation.Value is null || string.IsNullOrEmpty(request.Attempt.Stage) || request.Attempt.Epoch < 1 ? "attempt: a simulation, a stage and an epoch of at least 1 are needed."
            : ResourceRules.Problem(request.Resources) is { } amount ? $"resources.{amount}"
            : request.Priority is < PriorityClass.Background or > PriorityClass.Critical ? "priority: background, low, medium, high and critical are allowed."
            : request.Inherited is < PriorityClass.Absent or > PriorityClass.Critical ? "inherited: background, low, medium, high and critical are allowed, or nothing."
            : request.DurationEstimate < TimeSpan.Zero ? Negative("durationEstimate")
            : request.DurationExpected < TimeSpan.Zero ? Negative("durationExpected")
            : request.DurationHigh < TimeSpan.Zero ? Negative("durationHigh")
            : request.WorkAhead < TimeSpan.Zero ? Negative("workAhead")
            : request.RestartCost < TimeSpan.Zero ? Negative("restartCost")
            : request.Grace < TimeSpan.Zero ? Negative("grace")
            : request.Promise is not (>= 0 and <= 1) ? "promise: it is from 0 to 1."
            : null;
    }

    private static string Negative(string field) => $"{field}: a time of at least 0 is allowed.";
}
