using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Nodes;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Checks;

/// <summary>One world from its beginning to the end of all that was accepted: trouble for a while, then peace, in which everything must end within a bounded time (invariant 1).</summary>
internal sealed class Whole
{
    private static readonly TimeSpan PeaceMax = TimeSpan.FromHours(3);

    private readonly int wanted;
    private readonly TimeSpan trouble;
    private readonly Adversary adversary;

    public Whole(ulong seed, Parts? parts = null, bool keepsAll = false)
    {
        Seed = seed;
        World = new(seed) { Trace = new() { KeepsAll = keepsAll } };
        Lab = new(World, parts ?? Parts.Right);
        var silos = World.Dice.Between(1, 3);
        for (var i = 0; i < silos; i++)
        {
            Lab.Service.StartSilo();
        }

        var cores = World.Dice.Between(2, 4);
        for (var i = World.Dice.Between(3, 6); i > 0; i--)
        {
            Lab.AddMachine(cores);
        }

        wanted = World.Dice.Between(2, 5);
        trouble = World.Dice.Between(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(30));
        for (var i = 1; i <= wanted; i++)
        {
            var number = i;
            var (definition, programs) = Campaign.Make(World.Dice, i, Lab.Parts.ClusterPolicy.Cluster, cores, Lab.Machines.Count);
            World.After(World.Dice.Between(TimeSpan.Zero, trouble * 0.7), () => People.Submit(Lab, definition, programs, number));
        }

        adversary = new(Lab, silos);
        adversary.Begin(trouble);
    }

    public ulong Seed { get; }

    public World World { get; }

    public Lab Lab { get; }

    /// <exception cref="WorldFailedException">Something happened that must never happen.</exception>
    public void Run()
    {
        if (!World.Run(IsDone, World.Beginning + trouble + PeaceMax))
        {
            Lab.Oracle.Violated($"after {PeaceMax.TotalHours:0} h of peace it has not ended (invariant 1): {string.Join(", ", What())}");
            throw new WorldFailedException(World.Failure!);
        }

        Lab.Oracle.CheckTheEnd();
        if (World.Failure is { } failure)
        {
            throw new WorldFailedException(failure);
        }
    }

    private bool IsDone()
    {
        if (!adversary.IsOver || Lab.Submitted.Count < wanted || Lab.Oracle.Cluster is not { Queue.IsEmpty: true, Leases.IsEmpty: true })
        {
            return false;
        }

        foreach (var (definition, _) in Lab.Submitted)
        {
            if (Lab.Oracle.Of(definition.Id) is not { IsFinal: true } state || SimulationMachine.Owed(state).Count > 0)
            {
                return false;
            }
        }

        return Lab.Machines.All(static machine => machine.Processes.Count == 0);
    }

    private IEnumerable<string> What()
    {
        foreach (var (definition, _) in Lab.Submitted)
        {
            if (Lab.Oracle.Of(definition.Id) is { } state && (!state.IsFinal || SimulationMachine.Owed(state).Count > 0))
            {
                yield return $"{definition.Id} is {state.Status}: {string.Join(", ", state.Stages.Select(static stage => $"{stage.Name} {stage.Status}@{stage.Epoch} {stage.Reason}"))}; owes {string.Join(", ", SimulationMachine.Owed(state).Select(static effect => effect.GetType().Name))}";
            }
        }

        if (Lab.Oracle.Cluster is { } cluster)
        {
            yield return $"queue {string.Join(", ", cluster.Queue.Values.Select(static queued => $"{queued.Request.Attempt} {queued.Reason?.Constraint}"))}; leases {string.Join(", ", cluster.Leases.Values.Select(static lease => $"{lease.Request.Attempt} {lease.State} on {string.Join(' ', lease.Shares.Select(static share => share.Node))}"))}";
            yield return $"nodes {string.Join(", ", cluster.Nodes.Values.Select(static node => $"{node.Inventory.Id} {node.Inventory.Status} {node.Inventory.Drain}"))}";
        }

        yield return $"processes {string.Join(", ", Lab.Machines.SelectMany(static machine => machine.Processes.Select(process => $"{process.Attempt} on {machine.Name}")))}";
    }
}
