using System.Collections.Immutable;

namespace Orchestrator.Core.Replay.Campaigns;

public sealed partial class CampaignReplay
{
    private const int HistogramSteps = 7;

    private CampaignResult Result()
    {
        foreach (var work in running.Values)
        {
            work.Held += end - work.GrantedAt;
        }

        foreach (var work in waiting.Values)
        {
            work.Waited += end - work.QueuedAt;
            work.WaitLongest = Math.Max(work.WaitLongest, end - work.QueuedAt);
        }

        var summary = Summary();
        return new()
        {
            Summary = summary with { Broken = CampaignExpectations.Broken(script.Expectations, summary) },
            Jobs = [.. works.Where(static work => work.SubmittedAt >= 0).OrderBy(static work => work.SubmittedAt).ThenBy(static work => work.Index).Select(Job)],
        };
    }

    private CampaignSummary Summary()
    {
        var all = hours.Used + hours.Idle + hours.Down + hours.Window;
        var lost = works.Sum(work => work.WorkLost * NodesOf(work));
        var writing = works.Sum(work => work.CheckpointTime * NodesOf(work));
        var histogram = new int[HistogramSteps];
        foreach (var loss in tally.LossesOfProtected)
        {
            histogram[Math.Min(HistogramSteps - 1, (int)(loss / TimeSpan.FromMinutes(10).Ticks))]++;
        }

        return new()
        {
            Name = script.Name,
            Seed = script.Seed,
            Days = script.Duration.TotalDays,
            Nodes = script.Nodes.Length,
            Plans = plans,
            Utilization = all > 0 ? hours.Used / all : 0,
            UtilizationOfAvailable = hours.Used + hours.Idle > 0 ? hours.Used / (hours.Used + hours.Idle) : 0,
            NodeHours = new()
            {
                All = Hours(all),
                Used = Hours(hours.Used),
                Idle = Hours(hours.Idle),
                Down = Hours(hours.Down),
                Window = Hours(hours.Window),
                Lost = Hours(lost),
                Checkpoints = Hours(writing),
            },
            NodeFailures = tally.NodeFailures,
            Preemptions = new()
            {
                OfProtected = tally.PreemptionsOfProtected,
                OfOthers = tally.PreemptionsOfOthers,
                Relocations = tally.Relocations,
                Because = tally.Triggers.ToImmutableSortedDictionary(static pair => Word(pair.Key.ToString()), static pair => pair.Value),
                LostNodeHours = Hours(tally.LostLeaving / MeanCores),
            },
            LossOfProtected = TimeSummary.Of(tally.LossesOfProtected),
            LossOfOthers = TimeSummary.Of(tally.LossesOfOthers),
            LossHistogram = [.. histogram],
            LossesWithoutCheckpoint = tally.LossesWithoutCheckpoint,
            RecoveryOfProtected = TimeSummary.Of(tally.RecoveriesOfProtected),
            RecoveryWaitOfProtected = TimeSummary.Of(tally.RecoveryWaitsOfProtected),
            RecoveryOfOthers = TimeSummary.Of(tally.RecoveriesOfOthers),
            Relocation = TimeSummary.Of(tally.Moves),
            Windows = [.. tally.WindowsDelayed.Select(static window => new WindowDelay { Window = window.Window, Delay = window.Delay / (double)TimeSpan.TicksPerSecond })],
            Waits = Waits(),
            Protected = Counts(works.Where(static work => work.Protected)),
            Others = Counts(works.Where(static work => !work.Protected)),
            SentBack = tally.SentBack,
        };
    }

    private double MeanCores => script.Nodes.Average(static node => (double)Math.Max(1, node.Node.Cores));

    /// <summary>Whole nodes that its cores are.</summary>
    private double NodesOf(ReplayedWork work) => work.CoresTaken / MeanCores;

    private ImmutableArray<ClassWaits> Waits() =>
    [
        .. works.Where(static work => work.SubmittedAt >= 0).GroupBy(static work => work.Priority).OrderByDescending(static group => group.Key).Select(group =>
        {
            var still = group.Where(static work => work.Phase == WorkPhase.Waiting).ToList();
            return new ClassWaits
            {
                Class = Word(group.Key.ToString()),
                First = TimeSummary.Of(tally.FirstWaits.GetValueOrDefault(group.Key, [])),
                Longest = tally.LongestWaits.GetValueOrDefault(group.Key) / (double)TimeSpan.TicksPerSecond,
                StillWaiting = still.Count,
                StillWaitingLongest = still.Count == 0 ? 0 : still.Max(work => end - work.QueuedAt) / (double)TimeSpan.TicksPerSecond,
            };
        }),
    ];

    private WorkCounts Counts(IEnumerable<ReplayedWork> part)
    {
        var list = part.Where(static work => work.SubmittedAt >= 0).ToList();
        var held = list.Sum(work => work.Held * NodesOf(work));
        return new()
        {
            Submitted = list.Count,
            Done = list.Count(static work => work.Phase == WorkPhase.Done),
            Running = list.Count(work => running.ContainsKey(work.Attempt)),
            Waiting = list.Count(static work => work.Phase == WorkPhase.Waiting),
            NodeLosses = list.Sum(static work => work.NodeLosses),
            NodeHours = Hours(held),
            LostNodeHours = Hours(list.Sum(work => work.WorkLost * NodesOf(work))),
            Checkpoints = list.Sum(static work => work.Checkpoints),
            CheckpointOverhead = held > 0 ? list.Sum(work => work.CheckpointTime * NodesOf(work)) / held : 0,
        };
    }

    private CampaignJob Job(ReplayedWork work) => new()
    {
        Job = $"{work.Simulation}/{work.Stage}",
        User = work.Owner.User,
        Class = work.Priority,
        Protected = work.Protected,
        Nodes = work.Resources.Nodes,
        State = work.Phase switch { WorkPhase.Done => "done", WorkPhase.Waiting => "waiting", WorkPhase.Blocked => "blocked", _ => "running" },
        Submitted = Moment(work.SubmittedAt),
        FirstStart = Moment(work.FirstStart),
        End = Moment(work.EndedAt),
        Waited = new(work.Waited),
        WaitLongest = new(work.WaitLongest),
        Held = new(work.Held),
        Attempts = work.Phase == WorkPhase.Waiting ? work.Epoch - 1 : work.Epoch,
        NodeLosses = work.NodeLosses,
        Lost = new(work.WorkLost),
        LossLargest = new(work.LossLargest),
        Preemptions = work.Preemptions,
        Relocations = work.Relocations,
        Checkpoints = work.Checkpoints,
        CheckpointTime = new(work.CheckpointTime),
    };

    private static TimeSpan? Moment(long ticks) => ticks < 0 ? null : new TimeSpan(ticks);

    private static double Hours(double ticks) => ticks / TimeSpan.TicksPerHour;

    /// <summary>"HigherPriority" as "higherPriority".</summary>
    private static string Word(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
