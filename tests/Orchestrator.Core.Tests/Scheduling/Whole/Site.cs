using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>
/// A whole site in virtual time, drawn from a seed: machines, accounts, people, and programs that do as they like. The cluster's own steps decide, and plans come from a workspace
/// that is told what changed, and from the scheduler for a whole problem, which must agree. Every fact goes through its stored form; between storing and acting the site may crash.
/// </summary>
internal sealed class Site
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan BlockedEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan Reminder = TimeSpan.FromHours(6);
    private static readonly string[] Users = ["ada", "bob", "eve"];

    private readonly Random random;
    private readonly PriorityQueue<Action, (long At, long Turn)> agenda = new();
    private readonly Dictionary<AttemptId, DateTimeOffset> checkpoints = [];
    private readonly SiteLaws laws;
    private SchedulingWorkspace workspace;
    private ClusterChanges changes = new();
    private ClusterDuties duties = new();
    private SchedulingPlan? plan;
    private DateTimeOffset? passedAt;
    private bool isStale;
    private long turns;
    private int crashesLeft = 3;

    public Site(int seed)
    {
        Seed = seed;
        random = new Random(seed);
        Policy = new()
        {
            Cluster = new("k-site"),
            Escrow = new() { SettleEvery = TimeSpan.FromHours(4), ReturnAfter = TimeSpan.FromMinutes(20), AskAgainAfter = TimeSpan.FromMinutes(30) },
            Scheduling = new()
            {
                RunningMax = random.Next(6) == 0 ? random.Next(3, 8) : null,
                Energy = random.Next(5) == 0 ? new() { Mode = EnergyMode.NightSavings, OffAfter = TimeSpan.FromHours(1), OnAfter = TimeSpan.FromMinutes(10) } : new(),
                Protection = new() { AccountPart = random.Next(3) == 0 ? 0.4 : 1 },
            },
        };
        workspace = new(Policy.Scheduling, SchedulerParts.Default);
        workspace.SetContext(ClusterPlanning.Context(State));
        laws = new(this);
    }

    public int Seed { get; }

    public ClusterPolicy Policy { get; }

    public DateTimeOffset Now { get; private set; } = Begin;

    public ClusterState State { get; private set; } = new();

    public List<(ClusterFact Fact, string Stored, DateTimeOffset At)> Ledger { get; } = [];

    public List<Host> Hosts { get; } = [];

    public List<Job> Jobs { get; } = [];

    public SortedDictionary<string, AccountState> Accounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Plays all of it: first the busy days, then, when nobody sends anything more and nothing breaks, until nothing is left to happen.</summary>
    public Site Play()
    {
        Prepare();
        Run(Begin.AddDays(20));
        laws.AtTheEnd();
        return this;
    }

    private void Prepare()
    {
        foreach (var name in new[] { "p-red", "p-blue" })
        {
            Accounts.Add(name, new());
            Set(name, new()
            {
                Shares = random.Next(1, 5),
                Guaranteed = random.Next(3) == 0 ? random.Next(1, 5) / 10.0 : null,
                Maximum = random.Next(3) == 0 ? random.Next(6, 11) / 10.0 : null,
                RunningMax = random.Next(6) == 0 ? random.Next(2, 6) : null,
                Budgets = [.. Budgets()],
            });
        }

        var hosts = random.Next(2, 6);
        for (var number = 1; number <= hosts; number++)
        {
            var host = Host.Draw(random, number);
            Hosts.Add(host);
            See(host);
        }

        Step(new ClusterInput.LicencesSet(ImmutableSortedDictionary<string, int>.Empty.Add("cfd", random.Next(1, 4)), "op"));
        var busy = TimeSpan.FromHours(random.Next(6, 60));
        var jobs = random.Next(4, 13);
        for (var number = 1; number <= jobs; number++)
        {
            var job = Job.Draw(random, number, Hosts.Count, Users);
            Jobs.Add(job);
            At(Begin + Part(busy), () => Ask(job));
        }

        for (var number = random.Next(3, 9); number > 0; number--)
        {
            var kind = random.Next(12);
            var id = number;
            At(Begin + Part(busy), () => Disturb(kind, id));
        }

        At(Begin + Reminder, Remind);
    }

    private IEnumerable<Budget> Budgets()
    {
        if (random.Next(2) == 0)
        {
            yield return new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(20, 200), Window = random.Next(2) == 0 ? BudgetWindow.Total : BudgetWindow.Day };
        }

        if (random.Next(3) == 0)
        {
            yield return new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(10, 60), User = Users[random.Next(2)] };
        }

        if (random.Next(3) == 0)
        {
            yield return new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(1, 40), Kind = BudgetKind.Soft };
        }
    }

    private void Run(DateTimeOffset until)
    {
        Rest();
        for (var turn = 0; Now < until; turn++)
        {
            turn.ShouldBeLessThan(2000, $"seed {Seed}: at {Now:u} it goes round in circles; next {ClusterMachine.NextEdge(State, Policy, Now):O} and {plan?.NextChange:O}, waiting {State.Queue.Count}, {string.Join("; ", State.Escrows.Where(pair => pair.Value.DueAt(Policy.Escrow, Now) <= Now).Select(pair => pair.Key + JsonSerializer.Serialize(pair.Value)))}");
            var edge = ClusterMachine.NextEdge(State, Policy, Now);
            edge = plan?.NextChange is { } change && !(change <= passedAt) && !(edge <= change) ? change : edge;
            edge = ClusterMachine.IsBlocked(State) && !(edge <= Now + BlockedEvery) ? Now + BlockedEvery : edge;
            if (edge is { } due && (agenda.Count == 0 || !agenda.TryPeek(out _, out var first) || due.UtcTicks <= first.At) && !IsOver())
            {
                Now = due > Now ? due : Now;
                passedAt = Now;
                Step(new ClusterInput.Passed());
                duties = duties.Replan(State);
            }
            else if (agenda.TryDequeue(out var what, out var at))
            {
                Now = new(at.At, TimeSpan.Zero);
                what();
            }
            else
            {
                return;
            }

            Rest();
        }
    }

    /// <summary>All work is done and all that was drawn is given back.</summary>
    private bool IsOver() => agenda.Count == 0 && State.Queue.IsEmpty && State.Leases.IsEmpty && State.Escrows.Values.All(static escrow => escrow.Free.IsEmpty && escrow.Tallies.IsEmpty && escrow.Sent is null);

    /// <summary>Does what is owed until nothing is.</summary>
    private void Rest()
    {
        for (var round = 0; duties.Owe(State).FirstOrDefault() is { } owed; round++)
        {
            round.ShouldBeLessThan(2000, $"seed {Seed}: at {Now:u} the cluster does not come to rest; it owes {owed}");
            Do(owed);
        }

        laws.AtRest(() => isStale ? workspacePlan() : null);

        SchedulingPlan workspacePlan()
        {
            isStale = false;
            return new Scheduler(Policy.Scheduling, SchedulerParts.Default).Plan(Problem(), Now);
        }
    }

    private void Do(ClusterEffect effect)
    {
        switch (effect)
        {
            case ClusterEffect.Plan:
                Plan();
                break;
            case ClusterEffect.SetWanted wanted:
                var host = Hosts.Single(host => host.Id == wanted.Node);
                host.Wanted = wanted.Version;
                duties = duties.Told(wanted.Node, wanted.Version);
                if (host.IsUp)
                {
                    See(host);
                }

                break;
            case ClusterEffect.Pull pull:
                duties = duties.Pulled(pull.Node, pull.Ticket);
                See(Hosts.Single(host => host.Id == pull.Node));
                break;
            case ClusterEffect.Switch order:
                duties = duties.Switched(order.Node, order.Ticket);
                break;
            case ClusterEffect.Survey survey:
                duties = duties.Surveyed(survey.Ticket);
                Survey();
                break;
            case ClusterEffect.Nudge nudge:
                duties = duties.Nudged(nudge.Simulation, nudge.Ticket);
                Look(Jobs.Single(job => job.Simulation == nudge.Simulation));
                break;
            case ClusterEffect.Publish publish:
                Step(new ClusterInput.Published(publish.Events[^1].Sequence));
                break;
            case ClusterEffect.Exchange exchange:
                Exchange(exchange);
                break;
            default:
                throw new System.Diagnostics.UnreachableException(effect.ToString());
        }
    }

    private SchedulingProblem Problem()
    {
        var problem = ClusterPlanning.Problem(State);
        return problem with { Running = [.. problem.Running.Select(lease => checkpoints.TryGetValue(lease.Attempt, out var at) ? lease with { CheckpointedAt = at } : lease)] };
    }

    private void Plan()
    {
        ClusterFeed.Apply(workspace, State, changes, changes.Context ? ClusterPlanning.Context(State) : null, checkpoints);
        changes = new();
        plan = workspace.Plan(Now);
        var whole = new Scheduler(Policy.Scheduling, SchedulerParts.Default).Plan(Problem(), Now);
        Whole(whole).ShouldBe(Whole(plan), $"seed {Seed}: at {Now:u} the workspace and the scheduler differ (invariant 11)");
        laws.OfPlan(plan);
        isStale = false;
        var version = State.Version;
        Step(new ClusterInput.Planned(plan, version));
        duties = duties.Planned(version);
    }

    private static string Whole(SchedulingPlan plan) => $"{plan.Text()}\n{string.Join('\n', plan.Preemptions)}\n{string.Join('\n', plan.Power)}\n{plan.NextChange:O}";

    public IReadOnlyList<ClusterFact> Step(ClusterInput input)
    {
        var before = State;
        var facts = ClusterMachine.Decide(before, input, Policy, Now);
        if (facts.Count > 0 && crashesLeft > 0 && random.Next(150) == 0)
        {
            // It crashes before it stores: nothing happened, and whoever asked asks again.
            crashesLeft--;
            Restart();
            facts = ClusterMachine.Decide(before, input, Policy, Now);
        }

        foreach (var fact in facts)
        {
            State = ClusterMachine.Apply(State, fact, Now);
            Ledger.Add((fact, JsonSerializer.Serialize(fact), Now));
            changes.Note(fact);
            isStale |= fact is not ClusterFact.PassedOver;
            if (fact is ClusterFact.PowerOrdered ordered)
            {
                At(ordered.DoneAt, () => Switch(Hosts.Single(host => host.Id == ordered.Order.Node), ordered.Order.On));
            }
        }

        duties = duties.After(before, State, facts);
        laws.AfterStep(before, facts, input);
        if (facts.Count > 0 && crashesLeft > 0 && random.Next(100) == 0)
        {
            crashesLeft--;
            Restart();
        }

        return facts;
    }

    /// <summary>After a crash only the ledger is left. What programs and agents know stays with them.</summary>
    private void Restart()
    {
        var state = new ClusterState();
        foreach (var (_, stored, at) in Ledger)
        {
            state = ClusterMachine.Apply(state, JsonSerializer.Deserialize<ClusterFact>(stored)!, at);
        }

        ClusterSanity.Check(state).ShouldBeEmpty($"seed {Seed}");
        State = state;
        changes = new();
        workspace = new(Policy.Scheduling, SchedulerParts.Default);
        ClusterFeed.Fill(workspace, State, ClusterPlanning.Context(State), checkpoints);
        duties = ClusterDuties.All(State);
        plan = null;
    }

    private void Remind()
    {
        duties = duties.Everything(State);
        if (Jobs.Exists(static job => !job.IsOver) && Now < Begin.AddDays(12))
        {
            At(Now + Reminder, Remind);
        }
    }

    private void Exchange(ClusterEffect.Exchange exchange)
    {
        var account = exchange.Account.Value;
        foreach (var fact in AccountMachine.Decide(Accounts[account], new AccountInput.Exchange(exchange.Order), Now))
        {
            Accounts[account] = AccountMachine.Apply(Accounts[account], fact);
        }

        AccountMachine.SanityCheck(Accounts[account], Now);
        if (random.Next(20) > 0)
        {
            Step(new ClusterInput.EscrowAnswered(exchange.Account, AccountMachine.Answer(Accounts[account], exchange.Order, Now)));
        }
    }

    private void Set(string account, AccountChange change)
    {
        foreach (var fact in AccountMachine.Decide(Accounts[account], new AccountInput.Set(change, "op"), Now))
        {
            Accounts[account] = AccountMachine.Apply(Accounts[account], fact);
        }

        Step(new ClusterInput.AccountChanged(new(account)));
    }

    private void Ask(Job job)
    {
        job.Epoch++;
        job.IsRunning = false;
        Step(new ClusterInput.Requested(job.Request(Now)));
    }

    /// <summary>A simulation looks at its lease: it starts, leaves, or asks for another one.</summary>
    private void Look(Job job)
    {
        if (job.IsOver || job.Epoch == 0)
        {
            return;
        }

        var (epoch, status) = (job.Epoch, ClusterMachine.StatusOf(State, job.Attempt));
        switch (status.State)
        {
            case LeaseState.Granted when !job.IsRunning:
                job.IsRunning = true;
                job.StartedAt = Now;
                At(Now + job.Left, () => End(job, epoch));
                if (job.CanCheckpoint)
                {
                    At(Now + job.Left / 2, () => Checkpoint(job, epoch));
                }

                break;
            case LeaseState.Lost:
                job.IsRunning = false;
                Step(new ClusterInput.Released(job.Attempt));
                Ask(job);
                return;
        }

        if (job.IsRunning && job.LeavesWith != epoch && State.Leases.TryGetValue(job.Attempt.ToString(), out var lease) && lease.Order.StopBy is { } stop)
        {
            job.LeavesWith = epoch;
            // One that hangs is not gone in time; who pays by a hard budget is killed in time.
            var late = job.Owner.Account.Value is null && random.Next(5) == 0;
            var leaves = late ? stop.AddHours(random.Next(1, 6)) : stop > Now ? Now + Part(stop - Now) : Now;
            At(leaves, () => Leave(job, epoch));
        }
    }

    private void Checkpoint(Job job, int epoch)
    {
        if (job.IsRunning && job.Epoch == epoch)
        {
            checkpoints[job.Attempt] = Now;
            changes.Attempts.Add(job.Attempt);
            job.SavedAt = Now;
        }
    }

    private void End(Job job, int epoch)
    {
        if (job.IsRunning && job.Epoch == epoch)
        {
            job.IsRunning = false;
            job.IsOver = true;
            Step(new ClusterInput.Released(job.Attempt));
        }
    }

    private void Leave(Job job, int epoch)
    {
        if (!job.IsRunning || job.Epoch != epoch)
        {
            return;
        }

        if (job.CanCheckpoint)
        {
            var least = TimeSpan.FromMinutes(1);
            job.Left = job.Left - (Now - job.StartedAt) is var left && left > least ? left : least;
        }

        job.IsRunning = false;
        if (random.Next(6) == 0)
        {
            // Its processes hang in the system for some hours although it is over.
            foreach (var share in State.Leases[job.Attempt.ToString()].Shares)
            {
                var host = Hosts.Single(host => host.Id == share.Node);
                var attempt = job.Attempt;
                host.Hanging.Add(attempt);
                At(Now.AddHours(random.Next(1, 5)), () =>
                {
                    host.Hanging.Remove(attempt);
                    See(host);
                });
            }
        }

        Step(new ClusterInput.Released(job.Attempt));
        if (CanNeverBePaid(job))
        {
            job.IsOver = true;
            return;
        }

        Ask(job);
    }

    /// <summary>It begins anew whenever a window pays for it again, and no window pays for all of it: its owner gives it up.</summary>
    private bool CanNeverBePaid(Job job) => !job.CanCheckpoint && job.Owner.Account.Value is { } account
        && Accounts[account].Terms.Budgets.Values.Any(budget => budget.Kind == BudgetKind.Hard && job.Resources.Nodes * job.Resources.CoresPerNode * job.Left.TotalHours > budget.Limit);

    private void Disturb(int kind, int id)
    {
        var host = Hosts[random.Next(Hosts.Count)];
        switch (kind)
        {
            case 0 or 1 when host.IsUp:
                host.IsUp = false;
                host.Status = random.Next(2) == 0 ? NodeStatus.SeenDead : NodeStatus.Lost;
                At(Now.AddMinutes(random.Next(10, 600)), () => Return(host));
                Survey();
                break;
            case 2 or 3 or 4:
                AddWindow(id);
                break;
            case 5 or 6:
                Step(new ClusterInput.ReservationRequested(new()
                {
                    Id = $"r{id}",
                    Kind = (ReservationKind)random.Next(1, 5),
                    Start = Now.AddMinutes(random.Next(600)),
                    End = Now.AddMinutes(700 + random.Next(600)),
                    Wanted = new()
                    {
                        Nodes = random.Next(1, 3),
                        RanksPerNode = random.Next(1, 4),
                        MemoryPerNode = random.Next(2) == 0 ? random.Next(1, 20) : 0,
                        NetworkPerNode = random.Next(3) == 0 ? random.Next(1, 4) : 0,
                        StoragePerNode = random.Next(3) == 0 ? random.Next(1, 5) : 0,
                    },
                    Priority = (PriorityClass)random.Next(1, 6),
                    Owner = random.Next(4) == 0 ? new() { Project = "p" } : new() { User = Users[random.Next(3)], Project = "p" },
                    Strategy = (ConflictStrategy)random.Next(0, 6),
                }));
                break;
            case 7 or 8:
                var number = random.Next(1, Jobs.Count + 1);
                Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Value = random.Next(2) == 0 ? null : random.NextDouble(), Class = (PriorityClass)random.Next(0, 6), By = "op" }));
                break;
            case 9 when Jobs.Find(static job => job.IsRunning) is { } job:
                Step(new ClusterInput.PreemptionOrdered(new()
                {
                    Victim = job.Attempt,
                    Trigger = PreemptionTrigger.Admin,
                    For = "op",
                    StopBy = Now.AddMinutes(random.Next(1, 30)),
                    Action = PreemptionAction.CheckpointAndStop,
                    Reason = "an operator wants it",
                }));
                break;
            case 10 when Jobs.Find(job => !job.IsRunning && !job.IsOver && job.Epoch > 0) is { } waiting:
                waiting.IsOver = true;
                Step(new ClusterInput.Released(waiting.Attempt));
                break;
            case 11:
                var account = Accounts.Keys.ElementAt(random.Next(2));
                if (Accounts[account].Terms.Budgets.Values.FirstOrDefault() is { } budget)
                {
                    Set(account, new() { Budgets = [budget with { Limit = budget.Limit + random.Next(1, 50) }] });
                }

                break;
        }
    }

    private void AddWindow(int id)
    {
        var start = Now.AddMinutes(random.Next(900));
        Step(new ClusterInput.WindowsAdded([new()
        {
            Id = $"w{id}",
            Severity = (WindowSeverity)random.Next(1, 4),
            Start = start,
            End = start.AddMinutes(random.Next(10, 400)),
            Nodes = random.Next(3) == 0 ? [] : [.. Hosts.Where(_ => random.Next(2) == 0).Select(host => host.Id).DefaultIfEmpty(Hosts[0].Id)],
        }]));
        if (random.Next(3) == 0)
        {
            At(Now.AddMinutes(random.Next(900)), () => Step(new ClusterInput.WindowCancelled($"w{id}", "not needed", "op")));
        }
    }

    private void Return(Host host)
    {
        if (host.IsOff)
        {
            return;
        }

        host.IsUp = true;
        host.Status = NodeStatus.Alive;
        host.Boot++;
        host.Hanging.Clear();
        See(host);
    }

    private void Switch(Host host, bool on)
    {
        host.IsOff = !on;
        host.IsUp = on;
        host.Status = on ? NodeStatus.Alive : NodeStatus.SeenDead;
        host.Boot += on ? 1 : 0;
        See(host);
    }

    private void See(Host host)
    {
        Step(new ClusterInput.Observed(host.Observe(Now, Policy)));
        if (ClusterMachine.NeedsSurvey(State, Policy, host.Id))
        {
            Survey();
        }
    }

    private void Survey()
    {
        Step(new ClusterInput.Surveyed([.. Hosts.Select(host => host.Observe(Now, Policy))]));
        if (State.LossesHeldSince is not null)
        {
            At(Now + Policy.HoldLosses, Survey);
        }
    }

    private void At(DateTimeOffset at, Action what) => agenda.Enqueue(what, ((at > Now ? at : Now).UtcTicks, turns++));

    private TimeSpan Part(TimeSpan of) => TimeSpan.FromTicks((long)(of.Ticks * random.NextDouble()));
}
