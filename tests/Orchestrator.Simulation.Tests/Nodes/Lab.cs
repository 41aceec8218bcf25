using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Checks;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>All that there is in one world: the service, its nodes, and what they share.</summary>
internal sealed class Lab
{
    private readonly Dictionary<AttemptId, Control> controls = [];
    private readonly Dictionary<AttemptId, long> reached = [];
    private readonly Dictionary<string, Behaviour> behaviours = new(StringComparer.Ordinal);
    private readonly List<Machine> machines = [];
    private readonly List<(SimulationDefinition Definition, Behaviour[] Behaviours)> submitted = [];

    public Lab(World world, Parts parts)
    {
        (World, Parts) = (world, parts);
        Files = new(world);
        Network = new(world);
        Service = new(world, Network, (key, activation) => key[0] switch
        {
            's' => new SimulationShell(activation, parts, Files),
            'n' => new NodeShell(activation, parts),
            _ => new ClusterShell(activation, parts),
        });
        Oracle = new(this);
    }

    public World World { get; }

    public Parts Parts { get; }

    /// <summary>The adversary has had its time.</summary>
    public bool IsAtPeace { get; set; }

    public SharedFiles Files { get; }

    public Network Network { get; }

    public Cluster Service { get; }

    public Oracle Oracle { get; }

    public IReadOnlyList<Machine> Machines => machines;

    /// <summary>What was accepted.</summary>
    public IReadOnlyList<(SimulationDefinition Definition, Behaviour[] Behaviours)> Submitted => submitted;

    public Machine AddMachine(int cores)
    {
        var machine = new Machine(this, new(FormattableString.Invariant($"n-{machines.Count + 1}")), cores);
        machines.Add(machine);
        machine.Start();
        return machine;
    }

    public Machine MachineOf(NodeId node) => machines.Single(machine => machine.Id == node);

    public void Describe(SimulationDefinition definition, Behaviour[] programs)
    {
        for (var i = 0; i < programs.Length; i++)
        {
            behaviours[$"{definition.Id}/{definition.Stages[i].Name}"] = programs[i];
        }
    }

    public void Accepted(SimulationDefinition definition, Behaviour[] programs) => submitted.Add((definition, programs));

    public Behaviour BehaviourOf(AttemptId attempt) => behaviours[$"{attempt.Simulation}/{attempt.Stage}"];

    /// <summary>The control file of a run.</summary>
    public Control ControlOf(AttemptId attempt)
    {
        if (!controls.TryGetValue(attempt, out var control))
        {
            controls.Add(attempt, control = new());
        }

        return control;
    }

    /// <summary>The progress file of a run.</summary>
    public void Reached(AttemptId attempt, long step) => reached[attempt] = step;

    public long ReachedOf(AttemptId attempt) => reached.GetValueOrDefault(attempt);
}
