namespace Orchestrator.Core.Accounts;

/// <summary>When a cluster turns to an account.</summary>
public sealed record EscrowSettings
{
    /// <summary>What running attempts used is settled so often. Longer means that events about budgets, and windows, follow later.</summary>
    public TimeSpan SettleEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What ended attempts used is settled after so long where no hard budget waits for what they return; where one does, at once.</summary>
    public TimeSpan SettleAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What was drawn and not spent goes back after so long.</summary>
    public TimeSpan ReturnAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What runs without a known end is covered anew so long before its cover ends.</summary>
    public TimeSpan ExtendBefore { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What is about to outlast its estimate is covered for longer so long before: most end in time, and need no more. Where cover had ended before it could be asked for, an answer is waited for so long.</summary>
    public TimeSpan ExtendEstimatedBefore { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>And for so much longer.</summary>
    public TimeSpan ExtendBy { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What has no known end and cannot be covered any longer is asked to leave so long before its cover ends.</summary>
    public TimeSpan LeaveBefore { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After a refused draw the account is asked again so much later, if it says nothing before.</summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromMinutes(1);

    internal TimeSpan AskBefore(EscrowHold hold) => hold.IsOpenEnded ? ExtendBefore : ExtendEstimatedBefore;
}
