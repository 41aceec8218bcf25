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
}
