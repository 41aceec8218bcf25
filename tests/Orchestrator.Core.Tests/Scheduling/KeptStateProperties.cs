using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Tests.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>
/// Invariant 11 for all that is kept from plan to plan (the order's facts, the fair tree, where victims are sought): days of a small busy site with all parts of the scheduler, in which each plan of
/// a workspace that lives on is that of a scheduler that sees the site for the first time.
/// </summary>
public sealed class KeptStateProperties
{
    private const int Nodes = 8;
    private static readonly string[] Users = ["ada", "bob", "eve"];

    [Fact]
    public void A_workspace_that_lives_on_plans_as_a_scheduler_that_sees_all_for_the_first_time()
    {
        var (asked, reclaimed) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var site = new BusySite(seed);
            for (var step = 0; step < 80; step++)
            {
                site.Change();
                var plan = site.Workspace.Plan(site.Now);
                var anew = new Scheduler(site.Workspace.Settings, SchedulerParts.Default).Plan(site.Problem(), site.Now);

                plan.Text().ShouldBe(anew.Text(), $"seed {seed} step {step}");
                plan.Preemptions.ShouldBe(anew.Preemptions, $"seed {seed} step {step}");
                plan.NextChange.ShouldBe(anew.NextChange, $"seed {seed} step {step}");
                asked += plan.Preemptions.Count(static order => order.Trigger is PreemptionTrigger.HigherPriority or PreemptionTrigger.Deadline);
                reclaimed += plan.Preemptions.Count(static order => order.Trigger == PreemptionTrigger.Fairness);
                site.Act(plan);
            }
        }

        asked.ShouldBeGreaterThan(100);
        reclaimed.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void An_order_that_is_kept_ranks_as_a_new_one()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var site = new BusySite(seed);
            var order = new MultifactorOrder();
            for (var step = 0; step < 60; step++)
            {
                site.Change();
                var view = site.View(step);

                order.Rank(view, site.Now).ToArray().ShouldBe(new MultifactorOrder().Rank(view, site.Now).ToArray(), $"seed {seed} step {step}");
                site.Act(site.Workspace.Plan(site.Now));
            }
        }
    }

    /// <summary>What happens at a small site, drawn from a seed.</summary>
    private sealed class BusySite
    {
        private readonly Random random;
        private readonly Dictionary<NodeId, SchedulableNode> nodes = [];
        private readonly Dictionary<AttemptId, RunningLease> running = [];
        private readonly Dictionary<AttemptId, PendingRequest> pending = [];
        private SchedulingContext context = new();
        private int submitted;

        public BusySite(int seed)
        {
            random = new(seed);
            var settings = new SchedulingSettings
            {
                Order = new() { UsageHalfLife = TimeSpan.FromDays(random.Next(1, 4)), LongestWait = random.Next(4) == 0 ? TimeSpan.FromDays(1) : null },
                Preemption = new() { Quantum = TimeSpan.FromMinutes(random.Next(20, 60)), Cooldown = TimeSpan.FromHours(random.Next(1, 4)), ClassGap = random.Next(1, 3) },
                Protection = new() { AccountPart = random.Next(2) == 0 ? 0.3 : 1 },
                Shares = new() { ReclaimAfter = TimeSpan.FromMinutes(5) },
            };
            Workspace = new(settings, SchedulerParts.Default);
            for (var number = 1; number <= Nodes; number++)
            {
                Tell(Node(number));
            }

            Arrange();
        }

        public SchedulingWorkspace Workspace { get; }

        public DateTimeOffset Now { get; private set; } = Make.Now;

        public SchedulingProblem Problem() => new() { Nodes = [.. nodes.Values], Running = [.. running.Values], Pending = [.. pending.Values], Context = context };

        /// <summary>The same, listed so that some begin at another place.</summary>
        public View View(int turn) => new()
        {
            Nodes = [.. nodes.Values],
            Running = [.. running.Values.Skip(turn % 3), .. running.Values.Take(turn % 3)],
            Pending = [.. pending.Values.Skip(turn % 5), .. pending.Values.Take(turn % 5)],
            Context = context,
            Settings = Workspace.Settings,
        };

        public void Change()
        {
            Now += random.Next(6) == 0 ? TimeSpan.FromHours(random.Next(1, 9)) : TimeSpan.FromSeconds(random.Next(1, 1800));
            foreach (var lease in running.Values.Where(lease => lease.StopBy <= Now && random.Next(10) > 0 || lease.EndsBy <= Now && random.Next(3) > 0 || random.Next(12) == 0).ToList())
            {
                running.Remove(lease.Attempt);
                Workspace.End(lease.Attempt);
            }

            for (var arrivals = random.Next(5); arrivals > 0; arrivals--)
            {
                Submit();
            }

            if (pending.Count > 0 && random.Next(6) == 0)
            {
                var gone = pending.Keys.ElementAt(random.Next(pending.Count));
                pending.Remove(gone);
                Workspace.Withdraw(gone);
            }

            if (random.Next(5) == 0)
            {
                var number = random.Next(1, Nodes + 1);
                if (nodes.Count > 4 && nodes.ContainsKey(Make.Id(number)) && random.Next(4) == 0 && running.Values.All(lease => lease.Shares.All(share => share.Node != Make.Id(number))))
                {
                    nodes.Remove(Make.Id(number));
                    Workspace.RemoveNode(Make.Id(number));
                }
                else if (!nodes.ContainsKey(Make.Id(number)))
                {
                    Tell(Node(number));
                }
                else
                {
                    Tell(nodes[Make.Id(number)] with { Draining = random.Next(5) == 0, NotSeen = random.Next(8) == 0 });
                }
            }

            if (random.Next(8) == 0)
            {
                Arrange();
            }
        }

        /// <summary>Starts what is started, and asks who is asked.</summary>
        public void Act(SchedulingPlan plan)
        {
            foreach (var placement in plan.Placements)
            {
                pending.Remove(placement.Attempt, out var request);
                var length = request!.DurationEstimate;
                Run(new()
                {
                    Attempt = placement.Attempt,
                    Shares = placement.Shares,
                    Resources = request.Resources,
                    Priority = request.Priority,
                    Owner = request.Owner,
                    StartedAt = Now,
                    EndsBy = Now + length,
                    EndExpected = random.Next(2) == 0 ? Now + (length / 2) : null,
                    Protected = request.Protected,
                    CanCheckpoint = request.CanCheckpoint,
                    RestartCost = TimeSpan.FromMinutes(random.Next(3)),
                    Reservation = request.Reservation,
                    Preempted = random.Next(3) == 0 ? [Now.AddHours(-20), Now.AddMinutes(-random.Next(600))] : [],
                });
            }

            foreach (var order in plan.Preemptions)
            {
                Run(running[order.Victim] with { StopBy = order.StopBy });
            }
        }

        private void Run(RunningLease lease)
        {
            running[lease.Attempt] = lease;
            Workspace.SetRunning(lease);
        }

        private void Tell(SchedulableNode node)
        {
            nodes[node.Id] = node;
            Workspace.SetNode(node);
        }

        private SchedulableNode Node(int number) => (number % 4 == 0 ? Make.Node(number, 8, 100).WithGpus(("a", 2), ("a", 2)) : Make.Node(number, 4 * random.Next(1, 3), 100)) with
        {
            Topology = [$"rack=r{number % 2}"],
            AllocationEnd = random.Next(6) == 0 ? Now.AddHours(random.Next(2, 40)) : null,
            Features = number % 2 == 0 ? ["fast"] : [],
        };

        private void Submit()
        {
            var number = ++submitted;
            var user = random.Next(Users.Length);
            var request = Make.Request(
                number,
                new()
                {
                    Nodes = random.Next(4) == 0 ? random.Next(2, 5) : 1,
                    Threads = random.Next(1, 7),
                    MemoryPerNode = random.Next(0, 50),
                    GpusPerNode = random.Next(6) == 0 ? 1 : 0,
                    Exclusive = random.Next(6) == 0,
                    Within = random.Next(4) == 0 ? "rack" : null,
                    Features = random.Next(8) == 0 ? ["fast"] : [],
                    Licences = random.Next(5) == 0 ? ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 1) : ImmutableSortedDictionary<string, int>.Empty,
                },
                (PriorityClass)random.Next(1, 6)) with
            {
                QueuedSince = random.Next(10) == 0 ? default : Now,
                DurationEstimate = TimeSpan.FromMinutes(random.Next(10, 900)),
                Owner = new() { Institution = "i", Project = Account(user).Value, User = Users[user] + random.Next(2), Account = Account(user) },
                Deadline = random.Next(6) == 0 ? Now.AddHours(random.Next(1, 60)) : null,
                Promise = random.NextDouble(),
                Protected = random.Next(8) == 0,
                CanCheckpoint = random.Next(2) == 0,
                Avoid = random.Next(10) == 0 ? [Make.Id(random.Next(1, Nodes + 1))] : [],
                PriorityOverride = random.Next(20) == 0 ? random.NextDouble() : null,
                Reservation = random.Next(12) == 0 ? "course" : "",
            };
            pending.Add(request.Attempt, request);
            Workspace.Enqueue(request);
        }

        /// <summary>Windows, reservations, licences and what accounts counted are told anew.</summary>
        private void Arrange()
        {
            var known = nodes.Keys.Order().ToArray();
            var accounts = ImmutableSortedDictionary.CreateBuilder<string, AccountStanding>();
            for (var number = 0; number < Users.Length; number++)
            {
                accounts.Add(Account(number).Value, new()
                {
                    Shares = random.Next(6) == 0 ? 2 : 1,
                    Guaranteed = number == 0 ? 0.4 : 0,
                    Usage = ImmutableSortedDictionary<string, double>.Empty.Add(Users[number] + "0", 1e5 * random.NextDouble()),
                    UsageAt = Now,
                });
            }

            context = new()
            {
                Accounts = accounts.ToImmutable(),
                Licences = ImmutableSortedDictionary<string, int>.Empty.Add("cfd", random.Next(1, 4)),
                Windows = random.Next(2) == 0 ? [] : [new() { Id = "w", Severity = (WindowSeverity)random.Next(1, 4), Start = Now.AddHours(random.Next(1, 30)), End = Now.AddHours(31), Nodes = [known[0], known[^1]] }],
                Reservations = random.Next(2) == 0 ? [] : [Reservation(known)],
            };
            Workspace.SetContext(context);
        }

        private Reservation Reservation(NodeId[] known)
        {
            var partial = random.Next(2) == 0;
            var active = random.Next(2) == 0;
            return new()
            {
                Id = "course",
                Kind = partial ? ReservationKind.Partial : ReservationKind.Exclusive,
                State = active ? ReservationState.Active : ReservationState.Confirmed,
                Start = active ? Now : Now.AddHours(random.Next(1, 20)),
                End = Now.AddHours(random.Next(21, 30)),
                Owner = new() { Project = Account(0).Value },
                Allocations = [.. known.Take(2).Select(id => new NodeShare { Node = id, Cores = [.. Enumerable.Range(0, partial ? 2 : nodes[id].Cores)], Memory = partial ? 20 : nodes[id].Memory, Exclusive = !partial })],
            };
        }

        private static AccountId Account(int number) => new($"p-i.{(char)('a' + number)}");
    }
}
