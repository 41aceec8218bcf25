using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Replay.Campaigns;

public sealed partial class CampaignReplay
{
    /// <summary>Whoever asks for time knows that checkpoints take some of it.</summary>
    private const double OverheadKnown = 1.02;

    private static readonly TimeSpan UsageEvery = TimeSpan.FromHours(1);

    private readonly List<UserGroup> groups = [];

    /// <summary>Core-seconds by account and user, decayed to <see cref="usageAt"/>.</summary>
    private readonly SortedDictionary<string, SortedDictionary<string, double>> usage = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> institutions = new(StringComparer.Ordinal);
    private long usageAt;
    private bool isUsageNew;

    private void AddCampaigns()
    {
        foreach (var simulation in script.Simulations)
        {
            var definition = simulation.Definition;
            var stages = new Dictionary<string, ReplayedWork>(StringComparer.Ordinal);
            foreach (var stage in definition.Stages)
            {
                var work = new ReplayedWork
                {
                    Index = works.Count,
                    Simulation = definition.Id,
                    Stage = stage.Name,
                    Resources = stage.Resources,
                    Checkpoint = stage.Checkpoint,
                    Owner = definition.Owner,
                    Priority = definition.Priority,
                    Protected = definition.Protected,
                    CanCheckpoint = stage.Checkpoint.Every != CheckpointTrigger.Absent,
                    Deadline = definition.Deadline,
                    Work = Math.Max(1, (long)(stage.EstimatedDuration.Ticks * simulation.Takes)),
                    Estimate = stage.EstimatedDuration.Ticks,
                    Walltime = stage.Walltime?.Ticks ?? long.MaxValue,
                    CostBase = simulation.CheckpointCost.Ticks,
                    StartTime = simulation.StartTime.Ticks,
                    WaitsFor = stage.After.Length,
                };
                works.Add(work);
                stages.Add(stage.Name, work);
                Add(simulation.Submitted.Ticks, HappeningKind.Submitted, work.Index);
            }

            foreach (var stage in definition.Stages)
            {
                foreach (var dependency in stage.After)
                {
                    stages[dependency.Stage].Followers.Add(stages[stage.Name]);
                }
            }
        }
    }

    private void AddUsers()
    {
        var cores = script.Nodes.Sum(static node => (double)node.Node.Cores);
        foreach (var users in script.Users)
        {
            var group = new UserGroup(users, groups.Count, new(script.Seed, "work of " + users.Name), users.MeanWork / (users.Load * cores));
            groups.Add(group);
            Add(group.NextPause(), HappeningKind.UserSubmits, group.Number);
        }

        Add(UsageEvery.Ticks, HappeningKind.UsageCounted, 0);
    }

    private void UserSubmits(int number)
    {
        var group = groups[number];
        var work = group.Draw(works.Count);
        Add(Now + group.NextPause(), HappeningKind.UserSubmits, number);
        if (work is null)
        {
            tally.SentBack++;
            return;
        }

        works.Add(work);
        Submit(work);
    }

    private UserGroup? GroupOf(ReplayedWork work) => work.Group < 0 ? null : groups[work.Group];

    private void Spend(ReplayedWork work, long held)
    {
        var account = work.Owner.Account.Value ?? "";
        if (account.Length == 0)
        {
            return;
        }

        if (!usage.TryGetValue(account, out var users))
        {
            usage.Add(account, users = new(StringComparer.Ordinal));
            institutions[account] = work.Owner.Institution;
        }

        users[work.Owner.User] = users.GetValueOrDefault(work.Owner.User) + (work.CoresTaken * (held / (double)TimeSpan.TicksPerSecond));
        isUsageNew = true;
    }

    /// <summary>As accounts count: what was used long ago counts less.</summary>
    private void CountUsage()
    {
        Add(Now + UsageEvery.Ticks, HappeningKind.UsageCounted, 0);
        if (!isUsageNew)
        {
            return;
        }

        isUsageNew = false;
        var decay = Math.Pow(0.5, (Now - usageAt) / (double)script.Settings.Order.UsageHalfLife.Ticks);
        usageAt = Now;
        var standings = ImmutableSortedDictionary.CreateBuilder<string, AccountStanding>(StringComparer.Ordinal);
        foreach (var (account, users) in usage)
        {
            foreach (var user in users.Keys.ToArray())
            {
                users[user] *= decay;
            }

            standings.Add(account, new() { Institution = institutions[account], UsageAt = At(Now), Usage = users.ToImmutableSortedDictionary(StringComparer.Ordinal) });
        }

        workspace.SetContext(workspace.Context with { Accounts = standings.ToImmutable() });
    }

    /// <summary>One group of users while it submits.</summary>
    private sealed class UserGroup(ScriptUsers users, int number, SeededRandom random, double meanPause)
    {
        private readonly int[] waiting = new int[users.Count];

        public int Number => number;

        public long NextPause() => 1 + (long)(-Math.Log(random.Next()) * meanPause * TimeSpan.TicksPerSecond);

        public void Started(ReplayedWork work)
        {
            // What comes back after it made way was let in before.
            if (work.Epoch == 1)
            {
                waiting[work.User]--;
            }
        }

        /// <summary>The next piece of work; null: the user has too much of it waiting. As much is drawn in both cases, so that what is submitted does not depend on what was started.</summary>
        public ReplayedWork? Draw(int index)
        {
            var user = random.Below(users.Count);
            var nodes = users.DrawNodes(random);
            var time = users.DrawTime(random);
            var estimate = time * (1 + (random.Next() * (users.EstimateFactor - 1)));
            var canCheckpoint = random.Next() < users.Checkpoints;
            if (waiting[user] >= users.WaitingMax)
            {
                return null;
            }

            waiting[user]++;
            var project = users.Name;
            return new()
            {
                Index = index,
                Simulation = new SimulationId(Text($"s-{users.Name}-{index}")),
                Stage = "run",
                Resources = new() { Nodes = nodes, RanksPerNode = users.Cores },
                Checkpoint = new() { Every = canCheckpoint ? CheckpointTrigger.Adaptive : CheckpointTrigger.Absent },
                Owner = new() { Institution = "site", Project = project, User = Text($"{users.Name}-{user + 1}"), Account = new AccountId(Text($"p-site.{project}")) },
                Priority = users.Priority,
                CanCheckpoint = canCheckpoint,
                Group = number,
                User = user,
                Work = time.Ticks,
                Estimate = (long)(estimate.Ticks * OverheadKnown),
                CostBase = users.CheckpointCost.Ticks,
                StartTime = users.StartTime.Ticks,
            };
        }
    }
}
