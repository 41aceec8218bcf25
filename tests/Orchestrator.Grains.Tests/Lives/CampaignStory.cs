using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Lives;

/// <summary>
/// Not quite two days of eight nodes, drawn from a seed. A step is a heartbeat of ten minutes; while leases change hands agents come every 15 seconds, as they do every few seconds elsewhere, so that
/// no time is lost to the coarse clock alone.
/// </summary>
internal sealed class CampaignStory : IAsyncDisposable
{
    private const int Cores = 4;
    private const int NodeCount = 8;

    /// <summary>The steps by which the clock goes on while nothing is about to happen.</summary>
    public static readonly TimeSpan Coarse = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Fine = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string?> Slow = new()
    {
        ["Orchestrator:Nodes:HeartbeatInterval"] = "00:10:00",
        ["Orchestrator:Nodes:DetectionWindow"] = "00:20:00",
        ["Orchestrator:Simulations:StopMargin"] = "00:05:00",
        ["Orchestrator:Simulations:LookEvery"] = "00:10:00",
        ["Orchestrator:Clusters:AccountsEvery"] = "00:15:00",
        ["Orchestrator:Clusters:SnapshotAfter"] = "100000",
    };

    /// <summary>Those of the six months, with a sixteenth of the time and of the nodes.</summary>
    private static readonly ScriptUsers[] Groups =
    [
        new() { Name = "urgent", Load = 0.15, WaitingMax = 2, Priority = PriorityClass.High, NodesMax = 2, Cores = Cores, TimeMin = TimeSpan.FromHours(1), TimeMax = TimeSpan.FromHours(3) },
        new() { Name = "projects", Load = 1.6, WaitingMax = 4, Priority = PriorityClass.Medium, NodesMax = 2, Cores = Cores, TimeMin = TimeSpan.FromHours(1), TimeMax = TimeSpan.FromHours(6) },
        new() { Name = "students", Load = 0.75, WaitingMax = 3, Priority = PriorityClass.Low, NodesMax = 2, Cores = Cores, TimeMin = TimeSpan.FromHours(1), TimeMax = TimeSpan.FromHours(4) },
        new() { Name = "sweeps", Load = 0.5, WaitingMax = 3, Priority = PriorityClass.Background, NodesMax = 1, Cores = Cores, TimeMin = TimeSpan.FromMinutes(40), TimeMax = TimeSpan.FromHours(2) },
    ];

    /// <summary>Waiting counts as in the six months, for a sixteenth of the time.</summary>
    private static readonly SchedulingSettings Settings = new()
    {
        Order = new() { AgeHalf = TimeSpan.FromHours(10), RaiseAfter = TimeSpan.FromHours(4), UsageHalfLife = TimeSpan.FromHours(20) },
    };

    private readonly SeededRandom random;
    private readonly FailureModel failures = new()
    {
        Between = TimeDistribution.Weibull.WithMean(0.67, TimeSpan.FromHours(4100.0 / 60)),
        Repair = new TimeDistribution.Lognormal(TimeSpan.FromMinutes(63.7), 1.402),
    };

    private readonly SeededRandom[] chances;
    private readonly DateTimeOffset[] changes;
    private readonly DateTimeOffset[] arrivals;
    private readonly List<Work> works = [];
    private readonly Dictionary<AttemptId, (long First, long Last)> steps = [];
    private readonly Dictionary<AttemptId, DateTimeOffset> lost = [];
    private double used;
    private double available;
    private int sentBack;

    private CampaignStory(Lab lab, int seed)
    {
        Lab = lab;
        random = new(seed, "work");
        chances = [.. Enumerable.Range(0, NodeCount).Select(number => new SeededRandom(seed, "failures of node", number))];
        changes = [.. chances.Select(chance => Now + failures.Between.Draw(chance))];
        arrivals = [.. Groups.Select(_ => Now)];
    }

    public Lab Lab { get; }

    public DateTimeOffset Now => Lab.World.Clock.GetUtcNow();

    public int Submitted => works.Count;

    public int NodeFailures { get; private set; }

    /// <summary>Work of attempts that lost a node, since their last checkpoint.</summary>
    public List<TimeSpan> Losses { get; } = [];

    /// <summary>From the failure until the work goes on, of protected work.</summary>
    public List<TimeSpan> Recoveries { get; } = [];

    /// <summary>Leased core-hours of those that could be leased: of nodes that are up and not kept free by a window.</summary>
    public double Utilization => used / available;

    /// <summary>Work that was submitted before the moment and never had nodes.</summary>
    public IEnumerable<string> NeverStarted(DateTimeOffset before) => works.Where(work => work.StartedAt is null && work.SubmittedAt < before).Select(static work => work.Stage);

    public TimeSpan LongestWait => works.Max(work => (work.StartedAt ?? Now) - work.SubmittedAt);

    /// <summary>What all attempts used, as their simulations count it: by account.</summary>
    public async Task<IReadOnlyDictionary<string, TimeSpan>> CoreTimeByAccountAsync()
    {
        var used = new Dictionary<string, TimeSpan>();
        foreach (var work in works)
        {
            used[work.Account] = used.GetValueOrDefault(work.Account) + (await work.Grain.GetAsync(Token))!.Stages[0].Use.CoreTime;
        }

        return used;
    }

    private IClusterGrain Cluster => Lab.World.Grains.GetGrain<IClusterGrain>(Lab.Cluster.Value);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CampaignStory> BeginAsync(int seed)
    {
        var lab = await Lab.OpenAsync(NodeCount, cores: Cores, settings: Slow, silos: 1);
        var story = new CampaignStory(lab, seed);
        lab.QuietRounds = 2;
        await lab.TurnAsync();
        (await story.Cluster.SetPolicyAsync(PolicyText.Write(Settings), Token)).Accepted.ShouldBeTrue();
        await story.SubmitAsync("climate", PriorityClass.Critical, 2, TimeSpan.FromHours(36), 1, isProtected: true);
        await story.SubmitAsync("climate", PriorityClass.Critical, 1, TimeSpan.FromHours(36), 1, isProtected: true);
        await story.SubmitAsync("climate", PriorityClass.Critical, 1, TimeSpan.FromHours(20), 1, isProtected: true);
        return story;
    }

    public bool IsProtected(SimulationId simulation) => works.Single(work => work.Id == simulation).IsProtected;

    public async Task AddWindowAsync(MaintenanceWindow window) => (await Cluster.AddWindowsAsync([window], Token)).Accepted.ShouldBeTrue();

    public async Task<MaintenanceWindow> WindowAsync(string id) => (await Cluster.GetArrangementsAsync(Token)).Windows.Single(view => view.Window.Id == id).Window;

    /// <summary>A heartbeat, and more while leases change hands.</summary>
    public async Task StepAsync()
    {
        await ArriveAsync();
        Fail();
        await TurnAsync(Coarse);
        for (var more = 0; more < 6 && await IsChangingAsync(); more++)
        {
            await TurnAsync(Fine);
        }

        await LookAsync();
    }

    /// <summary>What is left is cancelled; how many had completed, and how many that were.</summary>
    public async Task<(int Done, int Left)> EndAsync()
    {
        await LookAsync();
        var left = works.Where(static work => !work.IsDone).ToList();
        foreach (var work in left)
        {
            await work.Grain.ControlAsync(new() { Verb = SimulationVerb.Cancel }, Token);
        }

        foreach (var node in Lab.Nodes.Where(static node => node.IsDead))
        {
            node.StartAgain();
        }

        for (var more = 0; more < 40 && await Cluster.GetAsync(Token) is not { Leases.IsEmpty: true, Queue.IsEmpty: true }; more++)
        {
            await TurnAsync(Fine);
        }

        foreach (var work in left)
        {
            (await work.Grain.GetAsync(Token))!.Status.ShouldBe(SimulationStatus.Cancelled);
        }

        await Lab.CheckEndAsync([.. works.Where(static work => work.IsDone).Select(static work => work.Grain)]);
        return (works.Count - left.Count, left.Count);
    }

    public string Summary() => string.Create(CultureInfo.InvariantCulture, $"""
        {works.Count} pieces of work, {works.Count(static work => work.IsDone)} done, {sentBack} sent back; {Lab.Turns} turns
        utilization of available node-hours {Utilization * 100:0.0} %
        {NodeFailures} node failures; losses {string.Join(", ", Losses)}; recoveries of protected work {string.Join(", ", Recoveries)}
        longest waits: {string.Join(", ", works.GroupBy(static work => work.Class).Select(group => $"{group.Key} {group.Max(work => (work.StartedAt ?? Now) - work.SubmittedAt)}"))}
        """);

    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private async Task SubmitAsync(string group, PriorityClass priority, int nodes, TimeSpan takes, double factor, bool isProtected = false)
    {
        var stage = string.Create(CultureInfo.InvariantCulture, $"{group}-{works.Count}");
        var account = $"p-site.{group}";
        Lab.Runs(stage, new() { Steps = (long)takes.TotalMinutes, StepTakes = Minute, CheckpointEvery = 0, CheckpointCost = TimeSpan.FromSeconds(15) });
        var definition = Lab.Stage(stage, nodes: nodes, cores: Cores) with
        {
            Restart = $"{stage} --resume",
            EstimatedDuration = takes * factor,
            Grace = TimeSpan.FromMinutes(2),
            Checkpoint = new() { MaxLoss = TimeSpan.FromMinutes(55) },
        };
        var grain = await Lab.SubmitAsync([definition], account: new AccountId(account), order: works.Count, with: it => it with { Priority = priority, Protected = isProtected });
        works.Add(new(grain, stage, account, priority, isProtected, Now));
    }

    private async Task ArriveAsync()
    {
        for (var number = 0; number < Groups.Length; number++)
        {
            var group = Groups[number];
            for (; arrivals[number] <= Now; arrivals[number] += TimeSpan.FromSeconds(-Math.Log(random.Next()) * group.MeanWork / (group.Load * NodeCount * Cores)))
            {
                var nodes = Math.Clamp((int)Math.Exp(random.Next() * Math.Log(group.NodesMax + 1.0)), 1, group.NodesMax);
                var takes = group.TimeMin * Math.Exp(random.Next() * Math.Log(group.TimeMax / group.TimeMin));
                var factor = 1 + random.Next();
                if (works.Count(work => work.StartedAt is null && work.Account == $"p-site.{group.Name}") >= group.WaitingMax)
                {
                    sentBack++;
                    continue;
                }

                await SubmitAsync(group.Name, group.Priority, nodes, takes, factor);
            }
        }
    }

    private void Fail()
    {
        for (var number = 0; number < NodeCount; number++)
        {
            var node = Lab.Nodes[number];
            if (changes[number] > Now)
            {
                continue;
            }

            if (node.IsDead)
            {
                node.StartAgain();
                changes[number] = Now + failures.Between.Draw(chances[number]);
                continue;
            }

            NodeFailures++;
            foreach (var (attempt, _) in Lab.Disk.Processes().Where(process => process.Node == node.Id))
            {
                lost[attempt] = Now;
            }

            node.Kill();
            changes[number] = Now + failures.Repair.Draw(chances[number]);
        }
    }

    private async Task TurnAsync(TimeSpan interval)
    {
        var view = await Cluster.GetAsync(Token);
        var windows = (await Cluster.GetArrangementsAsync(Token)).Windows.Select(static one => one.Window).Where(static window => window.Status is WindowStatus.Active or WindowStatus.Blocked).ToList();
        foreach (var node in view.Nodes)
        {
            if (!Lab.Nodes.Single(one => one.Id == node.Id).IsDead)
            {
                used += node.CoresLeased * interval.TotalHours;
                available += (windows.Exists(window => window.Covers(node.Id)) ? node.CoresLeased : node.Cores) * interval.TotalHours;
            }
        }

        await Lab.TurnAsync(interval);
        foreach (var run in Lab.Nodes.SelectMany(static node => node.Runs).Where(static run => run.Launch is not null))
        {
            var attempt = run.Lease.Attempt;
            if (steps.TryAdd(attempt, (run.FirstStep, run.Step)))
            {
                WentOn(attempt, run);
            }

            steps[attempt] = (run.FirstStep, run.Step);
        }
    }

    private void WentOn(AttemptId attempt, FakeRun run)
    {
        var before = attempt with { Epoch = attempt.Epoch - 1 };
        if (lost.TryGetValue(before, out var at) && steps.TryGetValue(before, out var was))
        {
            Losses.Add((was.Last - run.FirstStep) * Minute);
            if (IsProtected(attempt.Simulation))
            {
                Recoveries.Add(Now - at);
            }
        }
    }

    /// <summary>Somebody has a lease and does not run yet, or is over and not gone.</summary>
    private async Task<bool> IsChangingAsync()
    {
        var view = await Cluster.GetAsync(Token);
        return view.Nodes.Where(static node => node.Status == NodeStatus.Alive).Sum(static node => node.CoresLeased) != Lab.Disk.CoresInUse() || view.Leases.Any(static lease => lease.Stop != StopReason.Absent);
    }

    private async Task LookAsync()
    {
        foreach (var work in works.Where(static work => !work.IsDone))
        {
            var view = (await work.Grain.GetAsync(Token))!;
            work.StartedAt ??= view.Stages[0].StartedAt;
            work.IsDone = view.Status == SimulationStatus.Completed;
            view.Status.ShouldNotBe(SimulationStatus.Failed, view.Reason);
            if (work.IsDone)
            {
                Lab.Leave(work.Grain);
            }
        }
    }

    private sealed record Work(ISimulationGrain Grain, string Stage, string Account, PriorityClass Class, bool IsProtected, DateTimeOffset SubmittedAt)
    {
        public SimulationId Id { get; } = new(Grain.GetPrimaryKeyString());

        public DateTimeOffset? StartedAt { get; set; }

        public bool IsDone { get; set; }
    }
}
