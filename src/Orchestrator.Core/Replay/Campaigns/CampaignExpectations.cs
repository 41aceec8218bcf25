using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>What a replay is to show; null: nothing is expected.</summary>
public sealed record CampaignExpectations
{
    /// <summary>Used part of all node-hours, down nodes and windows among them, at least; 0 to 1.</summary>
    public double? Utilization { get; init; }

    /// <summary>The largest loss of protected work at a failure.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>The mean recovery of protected work.</summary>
    public TimeSpan? Recovery { get; init; }

    /// <summary>The longest anybody waits, who waits at the end too.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Preemptions of protected work at most.</summary>
    public int? Preemptions { get; init; }

    internal static ImmutableArray<string> Broken(CampaignExpectations expected, CampaignSummary summary)
    {
        var broken = ImmutableArray.CreateBuilder<string>();
        if (expected.Utilization is { } utilization && summary.Utilization < utilization)
        {
            Add($"utilization is {summary.Utilization * 100:0.00} %, at least {utilization * 100:0.##} % was expected");
        }

        if (expected.Loss is { } loss && summary.LossOfProtected.Max > loss.TotalSeconds)
        {
            Add($"protected work lost {Time(summary.LossOfProtected.Max)} at one failure, at most {loss} was expected");
        }

        if (expected.Recovery is { } recovery && summary.RecoveryOfProtected.Mean > recovery.TotalSeconds)
        {
            Add($"protected work took {Time(summary.RecoveryOfProtected.Mean)} to recover in the mean, at most {recovery} was expected");
        }

        if (expected.Preemptions is { } preemptions && summary.Preemptions.OfProtected > preemptions)
        {
            Add($"protected work was preempted {summary.Preemptions.OfProtected} times, at most {preemptions} was expected");
        }

        if (expected.Wait is { } wait)
        {
            foreach (var one in summary.Waits)
            {
                if (Math.Max(one.Longest, one.StillWaitingLongest) > wait.TotalSeconds)
                {
                    Add($"work of class {one.Class} waited {Time(Math.Max(one.Longest, one.StillWaitingLongest))}, at most {wait} was expected");
                }
            }
        }

        return broken.ToImmutable();

        void Add(FormattableString text) => broken.Add(text.ToString(CultureInfo.InvariantCulture));
    }

    private static TimeSpan Time(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds));
}
