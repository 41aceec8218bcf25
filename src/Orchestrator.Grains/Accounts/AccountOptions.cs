namespace Orchestrator.Grains.Accounts;

/// <summary>How accounts follow the use that is charged to them.</summary>
public sealed class AccountOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Accounts</c>.</summary>
    public const string Section = "Orchestrator:Accounts";

    /// <summary>How long nudges gather before they are counted together. Default 500 ms, 0 to 1 minute; longer means fewer writes.</summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often an account that was ever charged looks through the log without having been nudged. Default 10 minutes, 1 minute to 1 hour.</summary>
    public TimeSpan ReminderPeriod { get; set; } = TimeSpan.FromMinutes(10);
}
