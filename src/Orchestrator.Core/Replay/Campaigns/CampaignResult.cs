using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>What became of a cluster and its work.</summary>
public sealed record CampaignResult
{
    public CampaignSummary Summary { get; init; } = new();

    /// <summary>Every stage that was submitted, in the order of its submission.</summary>
    public ImmutableArray<CampaignJob> Jobs { get; init; } = [];
}

/// <summary>What became of one stage.</summary>
public sealed record CampaignJob
{
    /// <summary>"s-key/stage".</summary>
    public string Job { get; init; } = "";

    public string User { get; init; } = "";

    public PriorityClass Class { get; init; }

    public bool Protected { get; init; }

    public int Nodes { get; init; }

    /// <summary>"done", "running", "waiting" or "blocked" (by stages before it) at the end.</summary>
    public string State { get; init; } = "";

    /// <summary>After the beginning, as all moments; null: it has not come.</summary>
    public TimeSpan? Submitted { get; init; }

    public TimeSpan? FirstStart { get; init; }

    public TimeSpan? End { get; init; }

    /// <summary>In the queue, all times together.</summary>
    public TimeSpan Waited { get; init; }

    public TimeSpan WaitLongest { get; init; }

    /// <summary>Holding nodes.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>Attempts that had nodes.</summary>
    public int Attempts { get; init; }

    public int NodeLosses { get; init; }

    /// <summary>Work that had to be done again.</summary>
    public TimeSpan Lost { get; init; }

    public TimeSpan LossLargest { get; init; }

    public int Preemptions { get; init; }

    public int Relocations { get; init; }

    public int Checkpoints { get; init; }

    public TimeSpan CheckpointTime { get; init; }
}

/// <summary>A replay in numbers. Times are in seconds unless they are said to be hours.</summary>
public sealed record CampaignSummary
{
    public string Name { get; init; } = "";

    public int Seed { get; init; }

    public double Days { get; init; }

    public int Nodes { get; init; }

    /// <summary>Plans that were made.</summary>
    public int Plans { get; init; }

    /// <summary>Used node-hours by all node-hours, down nodes and windows among them; 0 to 1.</summary>
    public double Utilization { get; init; }

    /// <summary>Used node-hours by those in which nodes were neither down nor kept for a window; 0 to 1.</summary>
    public double UtilizationOfAvailable { get; init; }

    public NodeHoursOf NodeHours { get; init; } = new();

    public int NodeFailures { get; init; }

    public PreemptionCounts Preemptions { get; init; } = new();

    /// <summary>Time between the state to which protected work went back and the failure of a node under it.</summary>
    public TimeSummary LossOfProtected { get; init; } = new();

    /// <summary>The same of other work that makes checkpoints.</summary>
    public TimeSummary LossOfOthers { get; init; } = new();

    /// <summary>Protected losses by tens of minutes: below 10, below 20, and so on; the last holds all that are larger.</summary>
    public ImmutableArray<int> LossHistogram { get; init; } = [];

    /// <summary>Attempts without checkpoints that a node took with it.</summary>
    public int LossesWithoutCheckpoint { get; init; }

    /// <summary>From the failure of a node until the protected work on it computed again.</summary>
    public TimeSummary RecoveryOfProtected { get; init; } = new();

    /// <summary>The part of it in the queue.</summary>
    public TimeSummary RecoveryWaitOfProtected { get; init; } = new();

    public TimeSummary RecoveryOfOthers { get; init; } = new();

    /// <summary>From the request to make room for a window until protected work computed elsewhere.</summary>
    public TimeSummary Relocation { get; init; } = new();

    public ImmutableArray<WindowDelay> Windows { get; init; } = [];

    public ImmutableArray<ClassWaits> Waits { get; init; } = [];

    public WorkCounts Protected { get; init; } = new();

    public WorkCounts Others { get; init; } = new();

    /// <summary>Pieces of work that were sent back because their user had too much waiting.</summary>
    public int SentBack { get; init; }

    /// <summary>What was expected of the replay and is not so, in words; empty: all is as expected.</summary>
    public ImmutableArray<string> Broken { get; init; } = [];
}

/// <summary>All hours of all nodes; <see cref="Used"/>, <see cref="Idle"/>, <see cref="Down"/> and <see cref="Window"/> are <see cref="All"/>.</summary>
public sealed record NodeHoursOf
{
    public double All { get; init; }

    public double Used { get; init; }

    public double Idle { get; init; }

    public double Down { get; init; }

    /// <summary>Not used because a window was, or waited to be, in force.</summary>
    public double Window { get; init; }

    /// <summary>The part of <see cref="Used"/> for work that had to be done again.</summary>
    public double Lost { get; init; }

    /// <summary>The part of <see cref="Used"/> in which checkpoints were written.</summary>
    public double Checkpoints { get; init; }
}

/// <summary>Who had to make way.</summary>
public sealed record PreemptionCounts
{
    public int OfProtected { get; init; }

    public int OfOthers { get; init; }

    /// <summary>Protected work that moved out of the way of a window at a checkpoint.</summary>
    public int Relocations { get; init; }

    /// <summary>By the trigger.</summary>
    public ImmutableSortedDictionary<string, int> Because { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>Node-hours that were lost because who had to leave could not write a checkpoint.</summary>
    public double LostNodeHours { get; init; }
}

/// <summary>Many times, in seconds.</summary>
public sealed record TimeSummary
{
    public int Count { get; init; }

    public double Mean { get; init; }

    public double Median { get; init; }

    public double P95 { get; init; }

    public double Max { get; init; }

    /// <param name="ticks">In any order.</param>
    internal static TimeSummary Of(List<long> ticks)
    {
        if (ticks.Count == 0)
        {
            return new();
        }

        ticks.Sort();
        return new()
        {
            Count = ticks.Count,
            Mean = ticks.Average() / TimeSpan.TicksPerSecond,
            Median = ticks[ticks.Count / 2] / (double)TimeSpan.TicksPerSecond,
            P95 = ticks[Math.Min(ticks.Count - 1, (int)Math.Ceiling(ticks.Count * 0.95) - 1)] / (double)TimeSpan.TicksPerSecond,
            Max = ticks[^1] / (double)TimeSpan.TicksPerSecond,
        };
    }
}

/// <summary>How a class waited.</summary>
public sealed record ClassWaits
{
    public string Class { get; init; } = "";

    /// <summary>From submission to the first start, of those that started.</summary>
    public TimeSummary First { get; init; } = new();

    /// <summary>The longest time in the queue of any of them, who came back into it too.</summary>
    public double Longest { get; init; }

    /// <summary>At the end.</summary>
    public int StillWaiting { get; init; }

    public double StillWaitingLongest { get; init; }
}

/// <summary>One window that began.</summary>
public sealed record WindowDelay
{
    public string Window { get; init; } = "";

    /// <summary>How much later it began than it should.</summary>
    public double Delay { get; init; }
}

/// <summary>What became of a part of the work.</summary>
public sealed record WorkCounts
{
    public int Submitted { get; init; }

    public int Done { get; init; }

    public int Running { get; init; }

    public int Waiting { get; init; }

    public int NodeLosses { get; init; }

    public double NodeHours { get; init; }

    public double LostNodeHours { get; init; }

    public int Checkpoints { get; init; }

    /// <summary>Part of its time on nodes in which it wrote checkpoints, 0 to 1.</summary>
    public double CheckpointOverhead { get; init; }
}
