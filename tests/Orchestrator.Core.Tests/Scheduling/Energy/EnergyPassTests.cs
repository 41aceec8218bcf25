using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Tests.Scheduling.Matching;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Scheduling.Energy.EnergyCalendarTests;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

/// <summary>Ranking, deferral and switching together, as the default scheduler has them.</summary>
public sealed class EnergyPassTests
{
    [Fact]
    public void In_no_mode_a_busy_node_is_taken_or_switched_nor_a_node_of_others_used()
    {
        var power = new NodePower { Idle = 100, Busy = 200, Off = 5, Rating = 99 };
        var busy = Farm.Cpu(1) with { Power = power };
        var foreign = Farm.Cpu(2) with { Power = power, User = "ann", IdleSince = At(0) };
        var free = Farm.Cpu(3) with { Power = power with { Rating = 1 }, IdleSince = At(12) };
        var job = Farm.Job("x", cores: 8) with { Owner = new() { User = "bob" } };
        foreach (var mode in Enum.GetValues<EnergyMode>())
        {
            var plan = Plan(
                new SchedulingProblem
                {
                    Nodes = [busy, foreign, free],
                    Running = [new() { Attempt = Make.Attempt(9), Shares = [new() { Node = busy.Id, Cores = [.. Enumerable.Range(0, 64)] }], StartedAt = At(0) }],
                    Pending = [job],
                    Context = new() { Energy = new() { Mode = mode } },
                },
                new() { OffAfter = TimeSpan.FromMinutes(1), KeepOn = 0 },
                12);

            plan.Placements.ShouldHaveSingleItem().Shares.ShouldHaveSingleItem().Node.ShouldBe(free.Id);
            plan.Power.ShouldAllBe(order => order.Node == foreign.Id && !order.On);
        }
    }

    [Fact]
    public void Efficiency_uses_the_well_rated_nodes_and_performance_after_it_the_biggest()
    {
        var farm = Farm.Of(Farm.Cpu(1, rating: 30, cores: 128), Farm.Cpu(2, rating: 90, cores: 32), Farm.Cpu(3, rating: 85, cores: 64));

        Used(EnergyMode.Efficiency).ShouldBe([90, 90, 85]);
        Used(EnergyMode.Performance).ShouldBe([30, 30, 30]);

        IEnumerable<double> Used(EnergyMode mode) =>
            Plan(new() { Nodes = farm.Machines, Pending = [.. Enumerable.Range(1, 3).Select(number => Farm.Job("x", cores: 16) with { Attempt = Make.Attempt(number), SubmissionOrder = number })], Context = farm.In(mode).Context })
                .Placements.Select(placement => farm.Machines.Single(node => node.Id == placement.Shares[0].Node).Power!.Rating);
    }

    [Fact]
    public void Work_that_is_put_off_keeps_no_room_and_the_plan_says_when_it_changes()
    {
        var low = Farm.Job("x", cores: 64) with { Attempt = Make.Attempt(1), Priority = PriorityClass.Low, QueuedSince = At(12), DurationEstimate = TimeSpan.FromHours(2) };
        var high = low with { Attempt = Make.Attempt(2), Priority = PriorityClass.High, SubmissionOrder = 2 };

        var plan = Plan(new() { Nodes = [Farm.Cpu(1)], Pending = [low, high], Context = new() { Energy = new() { Mode = EnergyMode.Efficiency } } });

        plan.Placements.ShouldHaveSingleItem().Attempt.ShouldBe(high.Attempt);
        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.Energy);
        plan.Reason(1).PlannedStart.ShouldBe(At(20));
        plan.NextChange.ShouldBe(At(20));
    }

    [Fact]
    public void Nodes_that_are_off_are_switched_on_for_who_waits_and_take_the_work_then()
    {
        var off = Farm.Cpu(1) with { PowerState = PowerState.Off, Power = new() { Idle = 100, Busy = 200, Off = 5, SwitchOnTime = TimeSpan.FromMinutes(2) } };
        var job = Farm.Job("x") with { QueuedSince = At(12), DurationEstimate = TimeSpan.FromHours(1) };

        var plan = Plan(new() { Nodes = [off], Pending = [job] });

        plan.Placements.ShouldBeEmpty();
        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.Power);
        plan.Power.ShouldHaveSingleItem().On.ShouldBeTrue();

        var switching = Plan(new() { Nodes = [off with { PowerState = PowerState.SwitchingOn, ReadyAt = At(12).AddMinutes(2) }], Pending = [job] });
        switching.Placements.ShouldBeEmpty();
        switching.Power.ShouldBeEmpty();
        switching.NextChange.ShouldBe(At(12).AddMinutes(2));

        Plan(new() { Nodes = [off with { PowerState = PowerState.On }], Pending = [job] }).Placements.ShouldHaveSingleItem();
    }

    [Fact]
    public void On_one_GPU_the_order_is_critical_high_low_and_all_of_it_is_free_after_each()
    {
        var node = Farm.Gpu(1, gpus: 1, gpuMemory: 24 * Farm.GB);
        var waiting = new[] { PriorityClass.Low, PriorityClass.Critical, PriorityClass.High }
            .Select((priority, number) => Farm.Job("x", gpus: 1, gpuMemory: 24 * Farm.GB, memory: 100 * Farm.GB) with { Attempt = Make.Attempt(number), SubmissionOrder = number, Priority = priority }).ToList();
        var workspace = new SchedulingWorkspace(new(), SchedulerParts.Default);
        workspace.SetNode(node);
        waiting.ForEach(workspace.Enqueue);
        var order = new List<PriorityClass>();

        for (var turn = 0; turn < 3; turn++)
        {
            var placement = workspace.Plan(Make.Now).Placements.ShouldHaveSingleItem();
            placement.Shares[0].Gpus.ShouldBe([0]);
            placement.Shares[0].Memory.ShouldBe(100 * Farm.GB);
            var request = waiting.Single(request => request.Attempt == placement.Attempt);
            order.Add(request.Priority);
            workspace.SetRunning(new() { Attempt = request.Attempt, Resources = request.Resources, Shares = placement.Shares, StartedAt = Make.Now, Priority = request.Priority });
            workspace.Plan(Make.Now).Placements.ShouldBeEmpty();
            workspace.End(request.Attempt);
        }

        order.ShouldBe([PriorityClass.Critical, PriorityClass.High, PriorityClass.Low]);
    }

    [Fact]
    public void A_request_for_a_GPU_larger_than_any_waits_with_that_reason_and_the_others_start()
    {
        var plan = Plan(new()
        {
            Nodes = [Farm.Gpu(1, gpuMemory: 24 * Farm.GB)],
            Pending =
            [
                Farm.Job("x", gpus: 1, gpuMemory: 40 * Farm.GB) with { Priority = PriorityClass.Critical },
                Farm.Job("x", gpus: 1, gpuMemory: 20 * Farm.GB) with { Attempt = Make.Attempt(2) },
            ],
        });

        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.Gpus);
        plan.Reason(1).NeverFits.ShouldBeTrue();
        plan.Placements.ShouldHaveSingleItem().Attempt.ShouldBe(Make.Attempt(2));
    }

    [Fact]
    public void Parts_of_GPUs_share_one_before_another_is_begun()
    {
        var farm = Farm.Of(Farm.Gpu(1, gpus: 2), Farm.Gpu(2, gpus: 2));
        var half = Farm.Job("x", cores: 1, gpus: 1);

        var plan = Plan(new()
        {
            Nodes = farm.Machines,
            Pending = [.. Enumerable.Range(1, 4).Select(number => half with { Attempt = Make.Attempt(number), SubmissionOrder = number, Resources = half.Resources with { GpuThousandths = 500 } })],
        });

        plan.Placements.Select(placement => placement.Shares[0]).GroupBy(share => (share.Node, share.Gpus[0])).Select(group => group.Count()).ShouldBe([2, 2]);
        plan.Placements.Select(placement => placement.Shares[0].Node).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void Data_at_one_node_draw_nobody_else_of_the_same_shape_there()
    {
        var farm = Farm.Of(Farm.Cpu(1), Farm.Cpu(2) with { Holds = ["era5", "ocean"] }, Farm.Cpu(3) with { Holds = ["ocean"] });
        var job = Farm.Job("x", cores: 64);

        var plan = Plan(new()
        {
            Nodes = farm.Machines,
            Pending =
            [
                job with { Attempt = Make.Attempt(1), SubmissionOrder = 1, Data = ["era5", "ocean"] },
                job with { Attempt = Make.Attempt(2), SubmissionOrder = 2 },
                job with { Attempt = Make.Attempt(3), SubmissionOrder = 3, Data = ["ocean"] },
            ],
        });

        plan.Share(1).Node.ShouldBe(farm.Machines[1].Id);
        plan.Share(2).Node.ShouldBe(farm.Machines[0].Id);
        plan.Share(3).Node.ShouldBe(farm.Machines[2].Id);
    }

    private static SchedulingPlan Plan(SchedulingProblem problem, EnergySettings? energy = null, double hour = 12) =>
        new Scheduler(new() { Energy = energy ?? new() }, SchedulerParts.Default).Plan(problem, At(hour));
}
