using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>
/// Runs months of a cluster in virtual time: the scheduler of the service plans, its rules for windows and protection hold, its formulas time checkpoints; nodes fail by chance. The same script
/// gives the same result (invariant 11).
/// </summary>
public sealed partial class CampaignReplay
{
    private const int EventsBetweenReports = 2048;

    private readonly CampaignScript script;
    private readonly EventQueue<Happening> events = new();
    private readonly SchedulingWorkspace workspace;
    private readonly long end;
    private readonly List<ReplayedWork> works = [];
    private readonly Dictionary<AttemptId, ReplayedWork> waiting = [];
    private readonly Dictionary<AttemptId, ReplayedWork> running = [];
    private readonly List<ReplayedWork> stale = [];
    private readonly CampaignTally tally = new();
    private readonly NodeHours hours;
    private int plans;
    private long planAt = long.MaxValue;
    private long plannedAt = long.MinValue / 2;

    private CampaignReplay(CampaignScript script, SchedulerParts parts)
    {
        this.script = script;
        end = script.Duration.Ticks;
        workspace = new(script.Settings, parts);
        hours = new([.. script.Nodes.Select(static node => Math.Max(1, node.Node.Cores))]);
        LayOutNodes();
        windows = script.Windows.ToDictionary(static window => window.Id, StringComparer.Ordinal);
        AddCampaigns();
        AddUsers();
        AddWindows();
    }

    /// <summary>The parts of which the service's scheduler is put together.</summary>
    public static SchedulerParts Parts { get; } = SchedulerParts.Default with { Preemption = SchedulerParts.Default.Preemption ?? new PreemptionPlanner() };

    /// <summary>Replays the script to its end.</summary>
    /// <param name="script">What happens.</param>
    /// <param name="progress">Is told from time to time.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    /// <exception cref="ArgumentException">The script contradicts itself; the message names the field and what is allowed.</exception>
    public static CampaignResult Run(CampaignScript script, IProgress<CampaignProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        CampaignScriptRules.Check(script);
        var replay = new CampaignReplay(script, Parts);
        replay.Go(progress, cancellationToken);
        return replay.Result();
    }

    private DateTimeOffset At(long ticks) => script.Start.AddTicks(ticks);

    private long TicksOf(DateTimeOffset moment) => (moment - script.Start).Ticks;

    private long Now => events.Now;

    private void Go(IProgress<CampaignProgress>? progress, CancellationToken cancellationToken)
    {
        AskForPlan(0);
        for (var count = 0L; events.Next <= end && events.TryTake(out var happening); count++)
        {
            if (count % EventsBetweenReports == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new(TimeSpan.FromTicks(Now), script.Duration, running.Count, waiting.Count));
            }

            Happen(happening);
        }

        hours.Close(end);
        progress?.Report(new(script.Duration, script.Duration, running.Count, waiting.Count));
    }

    private void Happen(Happening happening)
    {
        switch (happening.Kind)
        {
            case HappeningKind.NodeRepaired:
                Repaired(happening.Subject);
                break;
            case HappeningKind.NodeFailed:
                Failed(happening.Subject);
                break;
            case HappeningKind.LossNoticed:
                Noticed(happening.Subject);
                break;
            case HappeningKind.PhaseEnded when works[happening.Subject].Generation == happening.Generation:
                PhaseEnded(works[happening.Subject]);
                break;
            case HappeningKind.TimeToLeave when works[happening.Subject].Epoch == happening.Generation:
                MustBeGone(works[happening.Subject]);
                break;
            case HappeningKind.SegmentEnding when works[happening.Subject].Epoch == happening.Generation:
                SegmentEnds(works[happening.Subject]);
                break;
            case HappeningKind.Submitted:
                Submit(works[happening.Subject]);
                break;
            case HappeningKind.UserSubmits:
                UserSubmits(happening.Subject);
                break;
            case HappeningKind.WindowEdge:
                PassWindows();
                break;
            case HappeningKind.UsageCounted:
                CountUsage();
                break;
            case HappeningKind.PlanDue when planAt <= Now:
                Plan();
                break;
            default:
                // It was overtaken.
                break;
        }
    }

    private void Add(long at, HappeningKind kind, int subject, int generation = 0)
    {
        if (at <= end)
        {
            events.Add(at, (int)kind, subject, new(kind, subject, generation));
        }
    }

    /// <summary>Changes of one moment, and of the time in which no further plan is made, are answered by one plan.</summary>
    private void AskForPlan(long at)
    {
        var earliest = Math.Max(at, plannedAt + script.PlanEvery.Ticks);
        if (earliest < planAt)
        {
            planAt = earliest;
            Add(earliest, HappeningKind.PlanDue, 0);
        }
    }

    private void Plan()
    {
        planAt = long.MaxValue;
        plannedAt = Now;
        plans++;
        if (IsAnyWindowBlocked)
        {
            PassWindows();
        }

        foreach (var work in stale)
        {
            work.IsStale = false;
            if (running.ContainsKey(work.Attempt))
            {
                workspace.SetRunning(Lease(work));
            }
        }

        stale.Clear();
        var plan = workspace.Plan(At(Now));
        foreach (var placement in plan.Placements)
        {
            Grant(placement);
        }

        foreach (var preemption in plan.Preemptions)
        {
            if (preemption.Action != PreemptionAction.ContinueLimited && running.TryGetValue(preemption.Victim, out var victim))
            {
                Ask(victim, preemption);
            }
        }

        if (plan.NextChange is { } next)
        {
            AskForPlan(Math.Max(Now + 1, TicksOf(next)));
        }

        if (!plan.Preemptions.IsEmpty)
        {
            AskForPlan(Now + 1);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private enum HappeningKind
    {
        Absent = 0,
        NodeRepaired = 1,
        NodeFailed = 2,
        LossNoticed = 3,
        PhaseEnded = 4,
        TimeToLeave = 5,
        SegmentEnding = 6,
        Submitted = 7,
        UserSubmits = 8,
        WindowEdge = 9,
        UsageCounted = 10,
        PlanDue = 11,
    }

    private readonly record struct Happening(HappeningKind Kind, int Subject, int Generation);
}

/// <summary>How far a replay is.</summary>
/// <param name="Now">So much of</param>
/// <param name="Duration">the time that it lasts.</param>
/// <param name="Running">Attempts that hold nodes.</param>
/// <param name="Waiting">Attempts in the queue.</param>
public readonly record struct CampaignProgress(TimeSpan Now, TimeSpan Duration, int Running, int Waiting);
