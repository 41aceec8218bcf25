namespace Orchestrator.Grains.Scenarios;

/// <summary>How comparisons follow their members.</summary>
public sealed class ScenarioOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Scenarios</c>.</summary>
    public const string Section = "Orchestrator:Scenarios";

    /// <summary>How long events of members gather before they are taken in and stored together. Default 200 ms, 0 to 1 minute; longer means fewer writes and older views.</summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after a change variants are compared anew; at the end of a member they are at once. Default 1 minute, 1 s to 1 day; each comparison that differs is an event.</summary>
    public TimeSpan EvaluateAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a live comparison looks into the log without having been nudged. Default 5 minutes, 1 minute to 1 hour: the delay that lost nudges cost.</summary>
    public TimeSpan ReminderPeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A shell line that judges scenarios: it reads the question from its standard input and writes scores to its standard output (docs/scenarios.md); it runs in the data directory. Default none.</summary>
    public string? EvaluatorCommand { get; set; }

    /// <summary>So long its answer may take, above 0 to 1 hour; then it is killed with all that it started, and its last scores hold. Default 1 minute.</summary>
    public TimeSpan EvaluatorTimeLimit { get; set; } = TimeSpan.FromMinutes(1);
}
