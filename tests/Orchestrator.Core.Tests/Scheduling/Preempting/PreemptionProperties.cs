using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Preempting;

/// <summary>What holds on every machine, whoever runs and waits; what fits is counted anew, without the planner's own books.</summary>
public sealed class PreemptionProperties
{
    private static readonly Config Tries = Config.QuickThrowOnFailure.WithMaxTest(300);
    private static readonly DateTimeOffset Now = Make.Now;

    /// <summary>Invariant 7.</summary>
    [Fact]
    public void Protected_work_leaves_only_for_a_critical_window_or_as_a_relocation_or_once_a_major_window_was_delayed_enough() => ForAll(seed =>
    {
        var stage = RandomStage(seed);

        foreach (var order in stage.Choose())
        {
            var lease = stage.Runs.Single(lease => lease.Attempt == order.Victim);
            if (!lease.Protected)
            {
                continue;
            }

            order.Trigger.ShouldBe(PreemptionTrigger.Maintenance);
            var window = stage.Context.Windows.Single(window => window.Id == order.For);
            window.Severity.ShouldNotBe(WindowSeverity.Minor);
            if (window.Severity == WindowSeverity.Major)
            {
                var isLittle = order.Relocation && order.Cost <= stage.Settings.Protection.RelocationLoss + lease.RestartCost;
                (isLittle || order.StopBy >= window.Start + stage.Settings.Protection.DelayMajor).ShouldBeTrue();
                order.Relocation.ShouldBe(lease.CanCheckpoint);
            }
        }
    });

    [Fact]
    public void Nobody_is_asked_twice_or_against_the_rules_and_everybody_gets_time_and_a_reason() => ForAll(seed =>
    {
        var stage = RandomStage(seed);
        var orders = stage.Choose();

        orders.Select(order => order.Victim).ShouldBeUnique();
        foreach (var order in orders)
        {
            var lease = stage.Runs.Single(lease => lease.Attempt == order.Victim);
            order.Reason.ShouldNotBeEmpty();
            order.Action.ShouldNotBe(PreemptionAction.Absent);
            order.StopBy.ShouldBeGreaterThanOrEqualTo(Now + (lease.CanCheckpoint ? stage.Settings.Preemption.CheckpointWait : TimeSpan.Zero));
            lease.Ending.ShouldBeFalse();
            if (order.Trigger is PreemptionTrigger.HigherPriority or PreemptionTrigger.Deadline)
            {
                VictimRules.Refusal(lease, lease.Protected, stage.Settings.Preemption, Now).ShouldBe(VictimRefusal.Absent);
                var waiting = stage.Waits.Single(request => request.Attempt.ToString() == order.For);
                (lease.Priority < VictimRules.ClassOf(waiting)).ShouldBeTrue();
            }
        }
    });

    [Fact]
    public void Whoever_is_asked_for_one_request_is_needed_and_all_together_are_enough() => ForAll(seed =>
    {
        var whole = RandomStage(seed) with { Context = new() };
        var stage = whole with { Waits = [whole.Waits[0]] };
        var victims = stage.Victims().ToHashSet();
        if (victims.Count == 0)
        {
            return;
        }

        Fits(stage, stage.Waits[0], victims).ShouldBeTrue();
        foreach (var victim in victims)
        {
            Fits(stage, stage.Waits[0], [.. victims.Where(other => other != victim)]).ShouldBeFalse();
        }
    });

    [Fact]
    public void Somebody_is_asked_whenever_that_helps_the_only_one_that_waits() => ForAll(seed =>
    {
        var whole = RandomStage(seed) with { Context = new() };
        var settings = whole.Settings with { Preemption = whole.Settings.Preemption with { LossPart = 1e6 } };
        var stage = whole with { Settings = settings, Waits = [whole.Waits[0] with { QueuedSince = Now.AddHours(-1) }] };
        var request = stage.Waits[0];
        var possible = stage.Runs.Where(lease => VictimRules.Refusal(lease, lease.Protected, stage.Settings.Preemption, Now) == VictimRefusal.Absent
            && !(lease.EndsBy > Now && lease.EndsBy <= Now + stage.Settings.Preemption.CheckpointWait)
            && VictimRules.Outranks(VictimRules.ClassOf(request), lease.Priority, stage.Settings.Preemption)).Select(lease => lease.Attempt).ToHashSet();

        (stage.Victims().Length > 0).ShouldBe(!Fits(stage, request, []) && Fits(stage, request, possible));
    });

    /// <summary>Whole nodes, one lease on each: the least cost is known without a search.</summary>
    [Fact]
    public void On_whole_nodes_the_cheapest_of_the_lowest_classes_make_way() => ForAll(seed =>
    {
        var random = new Random(seed);
        var leases = Enumerable.Range(1, random.Next(1, 9)).Select(number => Stage.Lease(number, PriorityClass.Low, number) with { CheckpointedAt = Now.AddMinutes(-random.Next(1, 100)) }).ToArray();
        var wanted = random.Next(1, leases.Length + 1);

        var chosen = Stage.Of(leases.Length, leases).Waiting(Stage.Wants(99, PriorityClass.High, nodes: wanted)).Choose();

        chosen.Sum(order => order.Cost.Ticks).ShouldBe(leases.Select(lease => PreemptionCost.Of(lease, Now).Ticks).Order().Take(wanted).Sum());
    });

    [Fact]
    public void The_order_in_which_anything_is_listed_decides_nothing() => ForAll(seed =>
    {
        var stage = RandomStage(seed);
        var turned = stage with
        {
            Machine = [.. stage.Machine.Reverse()],
            Runs = [.. stage.Runs.Reverse()],
            Context = stage.Context with { Windows = [.. stage.Context.Windows.Reverse()], Reservations = [.. stage.Context.Reservations.Reverse()] },
        };

        turned.Choose().ShouldBe(stage.Choose());
    });

    [Fact]
    public void A_stuck_victim_never_stops_others() => ForAll(seed =>
    {
        var stage = RandomStage(seed) with { Context = new() };
        var served = stage.Choose().Select(order => order.For).ToHashSet();
        var stuck = Stage.Lease(500, PriorityClass.Low, 100) with { StopBy = Now.AddHours(-1) };

        var after = stage with { Machine = stage.Machine.Add(Make.Node(100, cores: 64, memory: 1000)), Runs = stage.Runs.Add(stuck) };

        after.Choose().Select(order => order.For).ToHashSet().ShouldBe(served, ignoreOrder: true);
    });

    /// <summary>Days of a busy machine: who makes way comes back, some get stuck, and more work of all classes comes.</summary>
    [Fact]
    public void Over_any_history_caps_cooldown_and_quantum_hold_and_protected_work_stays()
    {
        var preemptions = 0;
        ForAll(seed => preemptions += History(seed), tries: 40);
        preemptions.ShouldBeGreaterThan(100);
    }

    private static int History(int seed)
    {
        var random = new Random(seed);
        var settings = new SchedulingSettings();
        var history = new Dictionary<SimulationId, List<DateTimeOffset>>();
        var running = new List<RunningLease>();
        var queue = new List<PendingRequest>();
        var number = 0;
        for (var step = 0; step < 150; step++)
        {
            var now = Now.AddMinutes(20 * step);
            running.RemoveAll(lease => lease.StopBy <= now && random.Next(10) > 0 || random.Next(25) == 0);
            for (var arrivals = random.Next(3); arrivals > 0; arrivals--)
            {
                queue.Add(Stage.Wants(++number, Class(random), nodes: random.Next(1, 3)) with { QueuedSince = now, Protected = random.Next(5) == 0 });
            }

            queue = [.. queue.OrderByDescending(request => request.Priority).ThenBy(request => request.SubmissionOrder)];
            foreach (var request in queue.ToList())
            {
                var free = Enumerable.Range(1, 6).Where(node => running.All(lease => lease.Shares.All(share => share.Node != Make.Id(node)))).Take(request.Resources.Nodes).ToArray();
                if (free.Length == request.Resources.Nodes)
                {
                    queue.Remove(request);
                    running.Add(Stage.Lease(0, request.Priority, free) with
                    {
                        Attempt = request.Attempt,
                        StartedAt = now,
                        CheckpointedAt = null,
                        Protected = request.Protected,
                        Preempted = [.. history.GetValueOrDefault(request.Attempt.Simulation) ?? []],
                    });
                }
            }

            var stage = Stage.Of(6, [.. running]).Waiting([.. queue]) with { Settings = settings };
            foreach (var order in stage.Choose(now))
            {
                var victim = running.Single(lease => lease.Attempt == order.Victim);
                victim.Protected.ShouldBeFalse();
                (now - victim.StartedAt).ShouldBeGreaterThanOrEqualTo(settings.Preemption.Quantum);
                if (!history.TryGetValue(victim.Attempt.Simulation, out var times))
                {
                    history.Add(victim.Attempt.Simulation, times = []);
                }

                times.Add(now);
                times.Count(at => now - at < TimeSpan.FromHours(24)).ShouldBeLessThanOrEqualTo(VictimRules.CapOf(victim.Priority, settings.Preemption));
                (times.Count < 2 || now - times[^2] >= settings.Preemption.Cooldown).ShouldBeTrue();
                running[running.IndexOf(victim)] = victim with { StopBy = order.StopBy };
                queue.Add(Stage.Wants(0, victim.Priority, victim.Shares.Length) with { Attempt = victim.Attempt with { Epoch = victim.Attempt.Epoch + 1 }, QueuedSince = now });
            }
        }

        return history.Values.Sum(times => times.Count);
    }

    private static PriorityClass Class(Random random) => (PriorityClass)random.Next(1, 6);

    /// <summary>The request has its nodes once the victims, and all who are on their way, are gone.</summary>
    private static bool Fits(Stage stage, PendingRequest request, HashSet<AttemptId> without)
    {
        var wanted = request.Resources;
        var settings = stage.Settings.Preemption;
        var stays = stage.Runs.Where(lease => !without.Contains(lease.Attempt)
            && (VictimRules.IsStuck(lease, settings, Now) || lease.StopBy is null && !lease.Ending && !(lease.EndsBy > Now && lease.EndsBy <= Now + settings.CheckpointWait))).ToList();
        return stage.Machine.Count(node =>
        {
            var shares = stays.SelectMany(lease => lease.Shares).Where(share => share.Node == node.Id).ToList();
            return !stage.Runs.Any(lease => VictimRules.IsStuck(lease, settings, Now) && lease.Shares.Any(share => share.Node == node.Id))
                && node.Cores - shares.Sum(share => share.Cores.Length) >= wanted.CoresPerNode
                && node.Memory - shares.Sum(share => share.Memory) >= wanted.MemoryPerNode
                && !shares.Exists(share => share.Exclusive) && !(wanted.Exclusive && shares.Count > 0);
        }) >= wanted.Nodes;
    }

    private static Stage RandomStage(int seed)
    {
        var random = new Random(seed);
        var nodes = random.Next(1, 7);
        var free = Enumerable.Range(1, nodes).ToDictionary(node => node, _ => (Cores: 8, Next: 0, Memory: 100L));
        var runs = ImmutableArray.CreateBuilder<RunningLease>();
        for (var number = 1; number <= 14; number++)
        {
            var cores = random.Next(1, 6);
            var memory = random.Next(0, 60);
            var on = Enumerable.Range(1, nodes).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Where(node => free[node].Cores >= cores && free[node].Memory >= memory).ToArray();
            if (on.Length == 0)
            {
                continue;
            }

            runs.Add(Stage.Lease(number, Class(random)) with
            {
                Shares =
                [
                    .. on.Select(node => new NodeShare
                    {
                        Node = Make.Id(node),
                        Cores = [.. Enumerable.Range(free[node].Next, cores)],
                        Memory = memory,
                    }),
                ],
                StartedAt = Now.AddMinutes(-random.Next(30, 300)),
                CheckpointedAt = random.Next(3) == 0 ? null : Now.AddMinutes(-random.Next(1, 30)),
                CanCheckpoint = random.Next(4) > 0,
                Protected = random.Next(4) == 0,
                Preemptible = random.Next(8) > 0,
                EndsBy = random.Next(3) == 0 ? Now.AddMinutes(random.Next(-30, 300)) : null,
                StopBy = random.Next(8) == 0 ? Now.AddMinutes(random.Next(-20, 20)) : null,
                RestartCost = TimeSpan.FromMinutes(random.Next(5)),
                Grace = TimeSpan.FromSeconds(random.Next(60)),
                Preempted = random.Next(4) == 0 ? [Now.AddHours(-random.Next(1, 24))] : [],
            });
            foreach (var node in on)
            {
                var (left, next, bytes) = free[node];
                free[node] = (left - cores, next + cores, bytes - memory);
            }
        }

        ImmutableArray<PendingRequest> waits =
        [
            .. Enumerable.Range(100, random.Next(1, 5)).Select(number => Stage.Wants(number, Class(random)) with
            {
                Resources = new() { Nodes = random.Next(1, 4), Threads = random.Next(1, 9), MemoryPerNode = random.Next(0, 100), Exclusive = random.Next(5) == 0 },
                QueuedSince = Now.AddMinutes(-random.Next(3)),
                DurationEstimate = random.Next(2) == 0 ? null : TimeSpan.FromHours(random.Next(1, 10)),
            }),
        ];
        ImmutableArray<MaintenanceWindow> windows =
        [
            .. Enumerable.Range(1, random.Next(4)).Select(number =>
            {
                var start = Now.AddHours(random.Next(-30, 4));
                return new MaintenanceWindow
                {
                    Id = $"w{number}",
                    Severity = (WindowSeverity)random.Next(1, 4),
                    Status = start <= Now ? WindowStatus.Blocked : WindowStatus.Pending,
                    Start = start,
                    End = start.AddHours(random.Next(1, 5)),
                    Nodes = random.Next(3) == 0 ? [] : [Make.Id(random.Next(1, nodes + 1))],
                };
            }),
        ];
        ImmutableArray<Reservation> reservations = random.Next(2) == 0 ? [] :
        [
            new()
            {
                Id = "r",
                Kind = (ReservationKind)random.Next(1, 5),
                State = ReservationState.Confirmed,
                Start = Now.AddMinutes(random.Next(0, 120)),
                End = Now.AddHours(5),
                Allocations = [new() { Node = Make.Id(random.Next(1, nodes + 1)), Cores = [0, 1, 2] }],
            },
        ];
        return new()
        {
            Machine = [.. Enumerable.Range(1, nodes).Select(node => Make.Node(node, cores: 8, memory: 100))],
            Runs = runs.ToImmutable(),
            Waits = waits,
            Context = new() { Windows = windows, Reservations = reservations },
        };
    }

    private static void ForAll(Action<int> holds, int tries = 0) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), holds).Check(tries > 0 ? Tries.WithMaxTest(tries) : Tries);
}
