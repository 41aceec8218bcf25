using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>What holds for every plan over time, counted anew from the plan's own words.</summary>
public sealed class PlanProperties
{
    private const int Seeds = 1500;

    private static readonly BackfillKind[] Kinds = [BackfillKind.None, BackfillKind.Easy, BackfillKind.EasyShortestFirst, BackfillKind.Conservative, BackfillKind.Depth];

    /// <summary>Invariant 3, in every instant of what is planned.</summary>
    [Fact]
    public void No_node_is_given_more_than_it_has_at_any_instant_of_the_planned_calendar() => ForAll((problem, settings, seed) =>
    {
        var plan = problem.Plan(settings);

        var spans = Spans(problem, plan).ToList();
        foreach (var node in problem.Nodes)
        {
            var own = spans.Where(span => span.Node == node.Id).ToList();
            foreach (var at in own.Select(span => span.From).Where(from => from >= Make.Now).Append(Make.Now).Distinct())
            {
                var live = own.Where(span => span.From <= at && span.Until > at).ToList();
                if (live.TrueForAll(span => span.IsLease))
                {
                    continue;
                }

                var why = $"seed {seed} {settings.Backfill.Kind} {node.Id} at {at:O}\n{plan.Text()}";
                live.Sum(span => span.Cores).ShouldBeLessThanOrEqualTo(node.Cores, why);
                live.Where(span => span.Memory > 0 && !span.IsLease).ToList().ForEach(_ => live.Sum(span => span.Memory).ShouldBeLessThanOrEqualTo(node.Memory, why));
                live.Where(span => span.Storage > 0 && !span.IsLease).ToList().ForEach(_ => live.Sum(span => span.Storage).ShouldBeLessThanOrEqualTo(node.Storage, why));
                live.Sum(span => span.Gpus).ShouldBeLessThanOrEqualTo(node.Gpus.Length * 1000, why);
                (live.Count == 1 || !live.Exists(span => span.Exclusive)).ShouldBeTrue(why);
            }
        }
    });

    [Fact]
    public void GPUs_and_cores_of_what_starts_are_free_now() => ForAll((problem, settings, seed) =>
    {
        var plan = problem.Plan(settings);

        foreach (var node in problem.Nodes)
        {
            var shares = problem.Running.SelectMany(lease => lease.Shares).Concat(plan.Placements.SelectMany(placement => placement.Shares)).Where(share => share.Node == node.Id).ToList();
            shares.SelectMany(share => share.Cores).ShouldBeUnique($"seed {seed}");
            foreach (var gpu in Enumerable.Range(0, node.Gpus.Length))
            {
                shares.Where(share => share.Gpus.Contains(gpu)).Sum(share => share.GpuThousandths).ShouldBeLessThanOrEqualTo(1000, $"seed {seed}");
            }
        }
    });

    [Fact]
    public void Nothing_runs_into_a_window_or_the_end_of_an_allocation_that_a_checkpoint_does_not_carry_over() => ForAll((problem, settings, seed) =>
    {
        var plan = problem.Plan(settings);

        foreach (var (request, node, start) in Starts(problem, plan))
        {
            var blocks = problem.Context.Windows.Where(window => window.Covers(node.Id)).Select(window => (window.Start, End: Max(window.End, Make.Now.AddTicks(1))));
            blocks = node.AllocationEnd is { } end ? blocks.Append((end, DateTimeOffset.MaxValue)) : blocks;
            foreach (var (from, until) in blocks.Where(block => block.End > start))
            {
                var room = from - start;
                (room >= request.DurationEstimate || request.CanCheckpoint && room >= settings.Backfill.UsefulLeast).ShouldBeTrue($"seed {seed} {request.Attempt} at {start:O} before {from:O}\n{plan.Text()}");
            }
        }
    });

    [Fact]
    public void Whole_nodes_of_a_reservation_are_its_own_from_its_start_and_who_names_it_stays_inside() => ForAll((problem, settings, seed) =>
    {
        var plan = problem.Plan(settings);

        foreach (var (request, node, start) in Starts(problem, plan))
        {
            foreach (var reservation in problem.Context.Reservations.Where(reservation => reservation.Holds))
            {
                var has = reservation.Allocations.Any(share => share.Node == node.Id);
                var why = $"seed {seed} {request.Attempt} at {start:O} {reservation.Id}\n{plan.Text()}";
                if (request.Reservation == reservation.Id)
                {
                    (has && reservation.State == ReservationState.Active && start >= reservation.Start).ShouldBeTrue(why);
                    (start + request.DurationEstimate <= reservation.End || request.CanCheckpoint).ShouldBeTrue(why);
                }
                else if (has && reservation.Kind != ReservationKind.Partial && Max(reservation.End, Make.Now.AddTicks(1)) > start)
                {
                    var soft = reservation.Kind == ReservationKind.Shared && request.CanCheckpoint && reservation.Start - start >= settings.Backfill.UsefulLeast;
                    var stopped = request.CanCheckpoint && problem.Context.Windows.Any(window => window.Covers(node.Id) && window.Start > start && window.Start <= reservation.Start)
                        || request.CanCheckpoint && node.AllocationEnd <= reservation.Start;
                    (start + request.DurationEstimate <= reservation.Start || soft || stopped).ShouldBeTrue(why);
                }
            }
        }
    });

    /// <summary>Invariant 11.</summary>
    [Fact]
    public void The_same_problem_in_any_order_gives_the_same_plan() => ForAll((problem, settings, seed) =>
    {
        var turned = problem with
        {
            Nodes = [.. problem.Nodes.Reverse()],
            Pending = [.. problem.Pending.Reverse()],
            Running = [.. problem.Running.Reverse()],
            Context = problem.Context with { Windows = [.. problem.Context.Windows.Reverse()], Reservations = [.. problem.Context.Reservations.Reverse()] },
        };

        turned.Plan(settings).Text().ShouldBe(problem.Plan(settings).Text(), $"seed {seed}");
    });

    /// <summary>So no place is ever delayed by who comes later, however many of those start.</summary>
    [Fact]
    public void What_is_decided_for_the_first_in_the_queue_does_not_hang_on_who_is_behind_them() => ForAll((problem, settings, seed) =>
    {
        if (settings.Backfill.Kind == BackfillKind.EasyShortestFirst)
        {
            return;
        }

        var ordered = problem.Pending.OrderByDescending(request => request.Priority).ThenBy(request => request.SubmissionOrder).ToList();
        var first = ordered.Take(ordered.Count / 2).Select(request => request.Attempt).ToHashSet();
        var whole = problem.Plan(settings);
        var head = (problem with { Pending = [.. problem.Pending.Where(request => first.Contains(request.Attempt))] }).Plan(settings);

        Decisions(whole, first).ShouldBe(Decisions(head, first), $"seed {seed} {settings.Backfill.Kind}");
    });

    /// <summary>Invariant 11: what a workspace was told counts, not how it came to know it.</summary>
    [Fact]
    public void A_workspace_plans_as_the_stateless_scheduler_does_after_any_changes()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var settings = Settings(seed);
            var held = RandomWorld.Of(seed);
            var workspace = new Scheduler(settings, Make.PlainParts).Fill(held);
            var now = Make.Now;
            for (var step = 0; step < 12; step++)
            {
                held = Change(random, workspace, held, step);
                now = now.AddMinutes(random.Next(0, 90));
                if (random.Next(3) == 0)
                {
                    continue;
                }

                workspace.Plan(now).Text().ShouldBe(new Scheduler(settings, Make.PlainParts).Plan(held, now).Text(), $"seed {seed} step {step}");
            }
        }
    }

    /// <summary>With conservative backfill and exact estimates, who was promised a start gets it, or an earlier one.</summary>
    [Fact]
    public void Conservative_backfill_delays_nobody_if_all_run_as_estimated()
    {
        var settings = Make.Plain with { Backfill = new() { Kind = BackfillKind.Conservative } };
        for (var seed = 0; seed < 200; seed++)
        {
            var problem = RandomWorld.Of(seed);
            problem = problem with
            {
                Running = [.. problem.Running.Select(lease => lease with { EndsBy = Max(lease.EndsBy ?? Make.Now, Make.Now.AddMinutes(7)), StopBy = null, Ending = false })],
                Pending = [.. problem.Pending.Where(request => request.DurationEstimate > TimeSpan.Zero && !request.CanCheckpoint && request.Reservation == "")],
                Context = problem.Context with { Reservations = [], Licences = ImmutableSortedDictionary<string, int>.Empty, Windows = [.. problem.Context.Windows.Where(window => window.End > Make.Now)] },
                Nodes = [.. problem.Nodes.Select(node => node with { PowerState = PowerState.On })],
            };
            var promised = new Dictionary<AttemptId, DateTimeOffset>();
            for (var now = Make.Now; !problem.Pending.IsEmpty;)
            {
                var plan = new Scheduler(settings, Make.PlainParts).Plan(problem, now);
                foreach (var placement in plan.Placements)
                {
                    now.ShouldBeLessThanOrEqualTo(promised.GetValueOrDefault(placement.Attempt, now), $"seed {seed}");
                    var request = problem.Pending.Single(one => one.Attempt == placement.Attempt);
                    problem = problem with
                    {
                        Pending = problem.Pending.Remove(request),
                        Running = problem.Running.Add(new() { Attempt = request.Attempt, Resources = request.Resources, Shares = placement.Shares, EndsBy = now + request.DurationEstimate }),
                    };
                }

                foreach (var place in plan.Places)
                {
                    place.Start.ShouldBeLessThanOrEqualTo(promised.GetValueOrDefault(place.Attempt, place.Start), $"seed {seed}");
                    promised[place.Attempt] = place.Start;
                }

                var next = problem.Running.Select(lease => lease.EndsBy!.Value).Concat(problem.Context.Windows.Select(window => window.End)).Where(end => end > now).ToList();
                if (next.Count == 0)
                {
                    break;
                }

                now = next.Min();
                var gone = now;
                problem = problem with
                {
                    Running = [.. problem.Running.Where(lease => lease.EndsBy > gone)],
                    Context = problem.Context with { Windows = [.. problem.Context.Windows.Where(window => window.End > gone)] },
                };
            }
        }
    }

    private static SchedulingProblem Change(Random random, SchedulingWorkspace workspace, SchedulingProblem held, int step)
    {
        switch (random.Next(8))
        {
            case 0:
                var node = RandomWorld.Node(random, random.Next(1, 7));
                workspace.SetNode(node);
                return held with { Nodes = [.. held.Nodes.Where(other => other.Id != node.Id), node] };
            case 1 when held.Nodes.Length > 1:
                var gone = held.Nodes[random.Next(held.Nodes.Length)].Id;
                foreach (var lease in held.Running.Where(lease => lease.Shares.Any(share => share.Node == gone)))
                {
                    workspace.End(lease.Attempt);
                }

                workspace.RemoveNode(gone);
                return held with { Nodes = [.. held.Nodes.Where(other => other.Id != gone)], Running = [.. held.Running.Where(lease => lease.Shares.All(share => share.Node != gone))] };
            case 2:
                var request = RandomWorld.Request(random, 20 + step, held.Nodes.Length, held.Context.Licences.Count > 0);
                workspace.Enqueue(request);
                return held with { Pending = [.. held.Pending.Where(other => other.Attempt != request.Attempt), request] };
            case 3 when held.Pending.Length > 0:
                var withdrawn = held.Pending[random.Next(held.Pending.Length)];
                workspace.Withdraw(withdrawn.Attempt);
                return held with { Pending = held.Pending.Remove(withdrawn) };
            case 4 when held.Running.Length > 0:
                var ended = held.Running[random.Next(held.Running.Length)];
                workspace.End(ended.Attempt);
                return held with { Running = held.Running.Remove(ended) };
            case 5:
                var context = RandomWorld.Of(random.Next()).Context;
                var known = held.Nodes.Select(one => one.Id).ToHashSet();
                context = context with { Reservations = [.. context.Reservations.Select(one => one with { Allocations = [.. one.Allocations.Where(share => known.Contains(share.Node))] })] };
                workspace.SetContext(context);
                return held with { Context = context };
            default:
                // What a plan starts, runs from then on.
                var plan = workspace.Plan(Make.Now);
                foreach (var placement in plan.Placements)
                {
                    var started = held.Pending.Single(one => one.Attempt == placement.Attempt);
                    var lease = new RunningLease { Attempt = started.Attempt, Resources = started.Resources, Shares = placement.Shares, EndsBy = Make.Now + started.DurationEstimate, Reservation = started.Reservation };
                    workspace.SetRunning(lease);
                    held = held with { Pending = held.Pending.Remove(started), Running = held.Running.Add(lease) };
                }

                return held;
        }
    }

    private static string Decisions(SchedulingPlan plan, HashSet<AttemptId> of) => new SchedulingPlan
    {
        Placements = [.. plan.Placements.Where(placement => of.Contains(placement.Attempt))],
        Places = [.. plan.Places.Where(place => of.Contains(place.Attempt))],
        Waiting = [.. plan.Waiting.Where(waiting => of.Contains(waiting.Attempt))],
    }.Text();

    private static IEnumerable<(PendingRequest Request, SchedulableNode Node, DateTimeOffset Start)> Starts(SchedulingProblem problem, SchedulingPlan plan)
    {
        PendingRequest Request(AttemptId attempt) => problem.Pending.Single(request => request.Attempt == attempt);
        SchedulableNode Node(NodeId id) => problem.Nodes.Single(node => node.Id == id);
        return plan.Placements.SelectMany(placement => placement.Shares.Select(share => (Request(placement.Attempt), Node(share.Node), Make.Now)))
            .Concat(plan.Places.SelectMany(place => place.Nodes.Select(id => (Request(place.Attempt), Node(id), place.Start))));
    }

    private static IEnumerable<Span> Spans(SchedulingProblem problem, SchedulingPlan plan)
    {
        foreach (var lease in problem.Running)
        {
            var until = lease.EndsBy ?? DateTimeOffset.MaxValue;
            until = lease.StopBy is { } stop && stop < until ? stop : until;
            until = lease.Ending && lease.StopBy is null || until <= Make.Now ? Make.Now.AddTicks(1) : until;
            foreach (var share in lease.Shares)
            {
                yield return new(share.Node, DateTimeOffset.MinValue, until, share.Cores.Length, share.Memory, share.Storage, share.Gpus.Length * share.GpuThousandths, share.Exclusive, true);
            }
        }

        foreach (var reservation in problem.Context.Reservations.Where(reservation => reservation.Holds && reservation.Kind == ReservationKind.Partial))
        {
            // Those inside of it are part of what it holds.
            foreach (var share in reservation.Allocations)
            {
                yield return new(share.Node, reservation.Start, Max(reservation.End, Make.Now.AddTicks(1)), share.Cores.Length, share.Memory, 0, share.Gpus.Length * 1000, false, true);
            }
        }

        foreach (var (request, node, start) in Starts(problem, plan).Where(one => problem.Context.Reservations.All(reservation => reservation.Id != one.Request.Reservation || reservation.Kind != ReservationKind.Partial)))
        {
            var wanted = request.Resources;
            var until = request.DurationEstimate is { } estimate ? start + estimate : DateTimeOffset.MaxValue;
            if (request.CanCheckpoint)
            {
                var stops = problem.Context.Windows.Where(window => window.Covers(node.Id)).Select(window => window.Start)
                    .Concat(problem.Context.Reservations.Where(one => one.Kind == ReservationKind.Shared && one.Holds && one.Allocations.Any(share => share.Node == node.Id)).Select(one => one.Start))
                    .Append(node.AllocationEnd ?? DateTimeOffset.MaxValue)
                    .Concat(problem.Context.Reservations.Where(one => one.Id == request.Reservation).Select(one => one.End)).Where(stop => stop > start);
                until = stops.Append(until).Min();
            }

            until = until <= start ? start.AddTicks(1) : until;
            yield return new(node.Id, start, until, wanted.CoresPerNode, wanted.MemoryPerNode, wanted.StoragePerNode, wanted.GpusPerNode * wanted.GpuThousandths, wanted.Exclusive, false);
        }
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static SchedulingSettings Settings(int seed) => Make.Plain with { Backfill = new() { Kind = Kinds[seed % Kinds.Length], Reservations = 1 + (seed / 5 % 4) } };

    private static void ForAll(Action<SchedulingProblem, SchedulingSettings, int> holds)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            holds(RandomWorld.Of(seed), Settings(seed), seed);
        }
    }

    private readonly record struct Span(NodeId Node, DateTimeOffset From, DateTimeOffset Until, int Cores, long Memory, long Storage, int Gpus, bool Exclusive, bool IsLease);
}
