using Orchestrator.Core.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Nodes;
using Orchestrator.Simulation.Tests.Service;

namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>
/// Everything that goes wrong, and people who change their minds. Each world knows some of its means only, so that one trouble does not always hide another; after its time is over it heals
/// what it did and goes on with nothing.
/// </summary>
internal sealed class Adversary
{
    private readonly Lab lab;
    private readonly List<(string Name, int Weight, Action Act)> means = [];
    private readonly Dictionary<Machine, DateTimeOffset> upAt = [];
    private readonly Dictionary<Machine, DateTimeOffset> agentUpAt = [];
    private readonly int silosWanted;
    private readonly TimeSpan pause;
    private DateTimeOffset siloAt;
    private int windows;
    
    public Adversary(Lab lab, int silosWanted)
    {
        (this.lab, this.silosWanted) = (lab, silosWanted);
        (string Name, int Weight, Action Act)[] all =
        [
            ("power", 6, CutPower),
            ("rack", 1, CutRack),
            ("agents", 6, KillAgent),
            ("goodbyes", 2, () => OneUp()?.Agent?.Stop()),
            ("stopped agents", 4, () => Pause(OneUp()?.Agent?.Process)),
            ("stopped nodes", 3, () => Pause(OneUp()?.Ground)),
            ("silos", 4, KillSilo),
            ("hanging silos", 3, PauseSilo),
            ("moved grains", 5, MoveGrain),
            ("loss", 4, LoseMessages),
            ("cuts", 6, CutNetwork),
            ("storage", 4, FailStorage),
            ("crashes", 3, CrashAtStores),
            ("full disks", 4, FillDisk),
            ("rot", 5, Rot),
            ("clocks", 3, SkewClock),
            ("drains", 3, Drain),
            ("windows", 2, AddWindow),
            ("priorities", 2, SetPriority),
            ("operators", 2, Preempt),
            ("people", 4, GiveOrder),
        ];
        foreach (var mean in all)
        {
            if (lab.Parts.Means.Count == 0 ? Dice.Chance(0.5) : lab.Parts.Means.Contains(mean.Name))
            {
                means.Add(mean);
            }
        }

        pause = TimeSpan.FromSeconds(Dice.Between(2, 40));
    }

    private World World => lab.World;

    private Dice Dice => lab.World.Dice;

    private List<Host> Everywhere => [.. lab.Service.Running, .. lab.Machines.Select(static machine => machine.Ground)];

    public void Begin(TimeSpan time)
    {
        World.Say("adversary", $"{string.Join(", ", means.Select(static mean => mean.Name))}; every {pause.TotalSeconds:0} s for {time.TotalMinutes:0} min");
        Watch();
        if (means.Count > 0)
        {
            World.After(Dice.Between(TimeSpan.Zero, pause * 2), Act);
        }

        World.After(time, MakePeace);
    }

    public bool IsOver => lab.IsAtPeace;

    /// <summary>What dies is started again, by whoever watches over it.</summary>
    private void Watch()
    {
        foreach (var machine in lab.Machines)
        {
            if (!machine.IsUp)
            {
                if (World.Now >= upAt.GetValueOrDefault(machine))
                {
                    machine.Start();
                }
            }
            else if (machine.Agent is not { Process.IsAlive: true } && World.Now >= agentUpAt.GetValueOrDefault(machine))
            {
                machine.StartAgent();
            }
        }

        if (lab.Service.Running.Count < silosWanted && World.Now >= siloAt)
        {
            lab.Service.StartSilo();
        }

        World.After(TimeSpan.FromSeconds(3), Watch);
    }

    private void Act()
    {
        if (IsOver)
        {
            return;
        }

        var chosen = Dice.Below(means.Sum(static mean => mean.Weight));
        foreach (var (_, weight, act) in means)
        {
            chosen -= weight;
            if (chosen < 0)
            {
                act();
                break;
            }
        }

        World.After(Dice.Between(TimeSpan.Zero, pause * 2), Act);
    }

    private void MakePeace()
    {
        lab.IsAtPeace = true;
        World.Say("adversary", "makes peace");
        lab.Network.Mend();
        (lab.Network.Loss, lab.Network.Repeats, lab.Network.Slow) = (0, 0, 0);
        (lab.Service.Storage.Failures, lab.Service.Storage.Crashes, lab.Service.Storage.AwayUntil) = (0, 0, default);
        lab.Files.IsFull = false;
        upAt.Clear();
        agentUpAt.Clear();
        siloAt = default;
        foreach (var machine in lab.Machines)
        {
            machine.Disk.IsFull = false;
            machine.Ground.WakeUp();
            machine.Agent?.Process.WakeUp();
            machine.Ground.Skew = default;
            Order(machine, NodeVerb.Resume);
        }

        foreach (var silo in lab.Service.Running)
        {
            silo.WakeUp();
            silo.Skew = default;
        }

        foreach (var (definition, _) in lab.Submitted)
        {
            // What is paused goes on, and nobody is asked twice.
            ResumeUntilHeard(definition);
        }
    }

    private Machine? OneUp()
    {
        Machine[] up = [.. lab.Machines.Where(static machine => machine.IsUp)];
        return up.Length == 0 ? null : Dice.Pick(up);
    }

    private TimeSpan Some(double least, double most) => TimeSpan.FromSeconds(least * Math.Pow(most / least, Dice.Share()));

    private void CutPower()
    {
        if (OneUp() is { } machine)
        {
            upAt[machine] = World.Now + Some(5, 400);
            machine.CutPower();
        }
    }

    private void CutRack()
    {
        foreach (var machine in lab.Machines.Where(_ => Dice.Chance(0.5)).ToArray())
        {
            upAt[machine] = World.Now + Some(5, 400);
            machine.CutPower();
        }
    }

    private void KillAgent()
    {
        if (OneUp() is { } machine)
        {
            agentUpAt[machine] = World.Now + Some(0.1, 90);
            machine.KillAgent();
        }
    }

    private void Pause(Host? host)
    {
        if (host is { IsAlive: true })
        {
            var time = Some(1, 150);
            host.Say($"is stopped for {time.TotalSeconds:0} s");
            host.Pause(time);
        }
    }

    private void KillSilo()
    {
        var running = lab.Service.Running;
        if (running.Count > 0)
        {
            siloAt = World.Now + Some(0.5, 60);
            lab.Service.KillSilo(Dice.Pick(running));
        }
    }

    private void PauseSilo()
    {
        var running = lab.Service.Running;
        if (running.Count > 0)
        {
            lab.Service.PauseSilo(Dice.Pick(running), Some(1, 90));
        }
    }

    private void MoveGrain()
    {
        var active = lab.Service.ActiveGrains;
        if (active.Count > 0)
        {
            lab.Service.Deactivate(Dice.Pick(active));
        }
    }

    private void LoseMessages()
    {
        var time = Some(5, 200);
        (lab.Network.Loss, lab.Network.Repeats, lab.Network.Slow) = (Dice.Share() * 0.2, Dice.Share() * 0.2, Dice.Share() * 0.2);
        World.Say("network", $"loses {lab.Network.Loss:P0}, repeats {lab.Network.Repeats:P0}, delays {lab.Network.Slow:P0} for {time.TotalSeconds:0} s");
        World.After(time, () => (lab.Network.Loss, lab.Network.Repeats, lab.Network.Slow) = (0, 0, 0));
    }

    private void CutNetwork()
    {
        if (OneUp() is not { } machine)
        {
            return;
        }

        var time = Some(2, 200);
        var silos = lab.Service.Running;
        var whole = Dice.Chance(0.7);
        World.Say("network", $"{machine.Name} is cut off from {(whole ? "all silos" : "one silo")} for {time.TotalSeconds:0} s");
        foreach (var silo in whole ? silos : silos.Take(1))
        {
            lab.Network.Cut(machine.Name, silo.Name);
        }

        // A silo that starts meanwhile can be reached again: that, too, happens.
        World.After(time, lab.Network.Mend);
    }

    private void FailStorage()
    {
        if (Dice.Chance(0.4))
        {
            lab.Service.Storage.AwayUntil = World.Now + Some(0.5, 60);
            World.Say("storage", "is away");
            return;
        }

        lab.Service.Storage.Failures = Dice.Share() * 0.3;
        World.Say("storage", $"fails {lab.Service.Storage.Failures:P0} of writes");
        World.After(Some(2, 60), () => lab.Service.Storage.Failures = 0);
    }

    private void CrashAtStores()
    {
        lab.Service.Storage.Crashes = Dice.Share() * 0.1;
        World.Say("storage", $"{lab.Service.Storage.Crashes:P0} of writers die");
        World.After(Some(2, 60), () => lab.Service.Storage.Crashes = 0);
    }

    private void FillDisk()
    {
        var time = Some(2, 150);
        if (Dice.Chance(0.4))
        {
            World.Say("disk", $"the shared file system is full for {time.TotalSeconds:0} s");
            lab.Files.IsFull = true;
            World.After(time, () => lab.Files.IsFull = false);
        }
        else if (OneUp() is { } machine)
        {
            machine.Ground.Say($"its disk is full for {time.TotalSeconds:0} s");
            machine.Disk.IsFull = true;
            World.After(time, () => machine.Disk.IsFull = false);
        }
    }

    private void Rot()
    {
        for (var i = Dice.Between(1, 3); i > 0; i--)
        {
            lab.Files.Corrupt();
        }
    }

    private void SkewClock()
    {
        if (Dice.Chance(0.6))
        {
            if (OneUp() is { } machine)
            {
                machine.Ground.Skew = TimeSpan.FromSeconds((Dice.Share() - 0.5) * 120);
                machine.Ground.Say($"its clock is wrong by {machine.Ground.Skew.TotalSeconds:0} s");
            }
        }
        else if (lab.Service.Running is { Count: > 0 } running)
        {
            var silo = Dice.Pick(running);
            silo.Skew = TimeSpan.FromSeconds((Dice.Share() - 0.5) * 8);
            silo.Say($"its clock is wrong by {silo.Skew.TotalSeconds:0.0} s");
        }
    }

    private void Drain()
    {
        if (OneUp() is { } machine)
        {
            Order(machine, Dice.Below(3) switch { 0 => NodeVerb.Drain, 1 => NodeVerb.DrainWhenIdle, _ => NodeVerb.Resume });
        }
    }

    private void Order(Machine machine, NodeVerb verb)
    {
        World.Say("people", $"{verb} {machine.Name}");
        People.Insist(lab, machine.Id.Value, (NodeShell node) => node.ControlAsync(verb, "chance"), insists: IsOver);
    }

    private void AddWindow()
    {
        var start = World.Now + Some(10, 300);
        var window = new MaintenanceWindow
        {
            Id = FormattableString.Invariant($"w-{++windows}"),
            Start = start,
            End = start + Some(30, 300),
            Severity = (WindowSeverity)Dice.Between(1, 3),
            Nodes = [.. lab.Machines.Where(_ => Dice.Chance(0.4)).Select(static machine => machine.Id)],
        };
        if (!window.Nodes.IsEmpty)
        {
            Arrange(new ClusterInput.WindowsAdded([window]));
        }
    }

    private void SetPriority()
    {
        if (lab.Submitted.Count > 0)
        {
            Arrange(new ClusterInput.PrioritySet(new() { Target = Dice.Pick(lab.Submitted).Definition.Id.Value, Class = (PriorityClass)Dice.Between(1, 5), By = "chance", At = World.Now }));
        }
    }

    private void Preempt()
    {
        if (lab.Oracle.Cluster is { } cluster && ClusterMachine.LeasesOf(cluster).Where(static lease => lease.State == LeaseState.Granted).ToArray() is { Length: > 0 } granted)
        {
            Arrange(new ClusterInput.PreemptionOrdered(new()
            {
                Victim = Dice.Pick(granted).Attempt,
                Trigger = PreemptionTrigger.Admin,
                For = "chance",
                StopBy = World.Now + TimeSpan.FromSeconds(60),
                Action = PreemptionAction.CheckpointAndStop,
                Reason = "chance",
            }));
        }
    }

    private void Arrange(ClusterInput input)
    {
        World.Say("people", $"{input.GetType().Name}");
        People.Insist(lab, lab.Parts.ClusterPolicy.Cluster.Value, (ClusterShell cluster) => cluster.ArrangeAsync(input), insists: false);
    }

    private void GiveOrder()
    {
        if (lab.Submitted.Count == 0)
        {
            return;
        }

        var simulation = Dice.Pick(lab.Submitted).Definition.Id.Value;
        SimulationInput order = Dice.Below(20) switch
        {
            0 => new SimulationInput.Cancel("chance"),
            < 6 => new SimulationInput.Pause(null),
            < 13 => new SimulationInput.Resume(null),
            _ => new SimulationInput.Checkpoint(null),
        };
        World.Say("people", $"{order.GetType().Name} {simulation}");
        People.Insist(lab, simulation, (SimulationShell shell) => shell.ControlAsync(order), insists: false);
    }

    private void ResumeUntilHeard(SimulationDefinition definition) =>
        People.Insist(lab, definition.Id.Value, static (SimulationShell shell) => shell.ControlAsync(new SimulationInput.Resume(null)), insists: true);
}
