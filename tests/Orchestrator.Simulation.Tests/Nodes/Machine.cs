using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>One node: its disk, what runs on it since it was booted, and its agent.</summary>
internal sealed class Machine
{
    private readonly Lab lab;
    private readonly List<(AttemptId Attempt, NodeShare Share, Host Process, ProgramRun? Leader)> processes = [];
    private readonly List<(AttemptId Attempt, Host Process)> wrappers = [];
    private int boots;
    private int starts;

    public Machine(Lab lab, NodeId id, int cores)
    {
        (this.lab, Id, Cores) = (lab, id, cores);
        Disk = new(lab.World.Dice);
        Ground = new(lab.World, Name);
        Ground.Kill();
    }

    public World World => lab.World;

    public Lab Lab => lab;

    public NodeId Id { get; }

    public string Name => Id.Value;

    public int Cores { get; }

    public NodeDisk Disk { get; }

    /// <summary>Everything on it since it was booted.</summary>
    public Host Ground { get; private set; }

    public Agent? Agent { get; private set; }

    public int Boot => boots;

    public bool IsUp => Ground.IsAlive;

    public IReadOnlyList<(AttemptId Attempt, NodeShare Share, Host Process, ProgramRun? Leader)> Processes => processes;

    public void Start()
    {
        boots++;
        var skew = Ground.Skew;
        Ground = new(lab.World, Name) { Skew = skew };
        Ground.Say($"boots, {boots}");
        StartAgent();
    }

    /// <summary>The power goes.</summary>
    public void CutPower()
    {
        if (!IsUp)
        {
            return;
        }

        Ground.Say("goes down");
        Ground.Kill();
        processes.Clear();
        Disk.Crash();
        lab.Files.Crash(Name);
    }

    public void StartAgent()
    {
        starts++;
        Agent = new(this, FormattableString.Invariant($"{Name}-{boots}-{starts}"));
        Agent.Begin();
    }

    /// <summary>SIGKILL of the agent alone.</summary>
    public void KillAgent()
    {
        Agent?.Process.Say("is killed");
        Agent?.Process.Kill();
    }

    public ProgramRun? LeaderOf(AttemptId attempt)
    {
        foreach (var process in processes)
        {
            if (process.Attempt == attempt && process.Leader is { IsAlive: true } leader)
            {
                return leader;
            }
        }

        return null;
    }

    public bool Has(AttemptId attempt) => processes.Exists(process => process.Attempt == attempt);

    /// <summary>The shell that carries a program, before it has said that it is there.</summary>
    public Host StartWrapper(AttemptId attempt)
    {
        var wrapper = new Host(lab.World, $"wrapper of {attempt}", Ground);
        wrappers.RemoveAll(static former => !former.Process.IsAlive);
        wrappers.Add((attempt, wrapper));
        return wrapper;
    }

    /// <summary>The leader of a program starts.</summary>
    public ProgramRun Launch(LaunchSpecification launch, string? restore, Control control)
    {
        var host = new Host(lab.World, $"{Name}/{launch.Attempt}", Ground);
        var leader = new ProgramRun(this, host, lab.Files, lab.BehaviourOf(launch.Attempt), launch, restore, control);
        Add(launch.Attempt, launch.Shares[0], host, leader);
        leader.Begin(lab.MachineOf);
        return leader;
    }

    /// <summary>
    /// A rank of a program whose leader is elsewhere. Simplified: it starts only while the agent of this machine holds the attempt, as through a launcher that asks it; one that goes
    /// around the agent (ssh) has no such fence, and is not modelled. Null: not now.
    /// </summary>
    public Host? Spawn(AttemptId attempt, NodeShare share)
    {
        if (!IsUp || Agent?.Holds(attempt) != true)
        {
            return null;
        }

        var host = new Host(lab.World, $"{Name}/{attempt}", Ground);
        Add(attempt, share, host, null);
        return host;
    }

    /// <summary>SIGKILL to everything of an attempt on this machine.</summary>
    public void KillAll(AttemptId attempt)
    {
        foreach (var (_, wrapper) in wrappers.Where(wrapper => wrapper.Attempt == attempt))
        {
            wrapper.Kill();
        }

        foreach (var process in processes.Where(process => process.Attempt == attempt).ToArray())
        {
            process.Leader?.Kill(alsoWrapper: true);
            process.Process.Kill();
        }

        processes.RemoveAll(process => process.Attempt == attempt);
    }

    public void Remove(ProgramRun leader) => processes.RemoveAll(process => process.Leader == leader);

    public void Remove(Host process)
    {
        process.Kill();
        processes.RemoveAll(other => other.Process == process);
    }

    private void Add(AttemptId attempt, NodeShare share, Host process, ProgramRun? leader)
    {
        processes.Add((attempt, share, process, leader));
        lab.Oracle.Started(this, attempt, share);
    }
}
