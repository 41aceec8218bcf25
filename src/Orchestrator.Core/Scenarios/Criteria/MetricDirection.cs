namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>Which values of a metric are the better ones. Absent: nobody said, so that it is shown and judges nothing.</summary>
[GenerateSerializer, Alias("orchestrator.metric-direction")]
public enum MetricDirection
{
    Absent = 0,
    Higher = 1,
    Lower = 2,
}
