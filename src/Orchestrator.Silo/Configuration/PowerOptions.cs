namespace Orchestrator.Silo;

/// <summary>How the site switches nodes. Without a command no node is ever switched, whatever the policy says.</summary>
public sealed class PowerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Power";

    /// <summary>
    /// A shell line that has the node ORCHESTRATOR_NODE switched as ORCHESTRATOR_POWER says, <c>on</c> or <c>off</c>; it runs in the data directory, and a repeat must do no harm. Status 0:
    /// it was, or will be. Default none.
    /// </summary>
    public string? Command { get; set; }

    /// <summary>A command that takes longer is killed with all that it started, and tried again. Above 0 to 50 s; default 30 s.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    internal IEnumerable<string> Problems()
    {
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromSeconds(50))
        {
            yield return $"{Section}:{nameof(TimeLimit)} is {TimeLimit}; above 0 to 00:00:50 is allowed.";
        }
    }
}
