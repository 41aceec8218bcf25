using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>What is asked of a program: the control file of its run, which survives the agent.</summary>
internal sealed class Control
{
    public long Checkpoint { get; set; }

    public DateTimeOffset? StopBy { get; set; }

    public StopReason Reason { get; set; }
}

/// <summary>
/// The processes of one attempt: a leader under its wrapper, and ranks on the other nodes. It computes, makes checkpoints, fails and leaves as its behaviour says, and knows nothing of
/// agents: everything that it says lies on the shared file system.
/// </summary>
internal sealed class ProgramRun
{
    private readonly Machine machine;
    private readonly Host host;
    private readonly SharedFiles files;
    private readonly Behaviour behaviour;
    private readonly List<(Machine Machine, Host Process)> ranks = [];
    private readonly string run;
    private bool hasEnded;
    private bool isLeaving;
    private long ordersDone;
    private long checkpointedStep;

    public ProgramRun(Machine machine, Host host, SharedFiles files, Behaviour behaviour, LaunchSpecification launch, string? restore, Control control)
    {
        (this.machine, this.host, this.files, this.behaviour, Launch, Control) = (machine, host, files, behaviour, launch, control);
        run = SharedFiles.RunOf(launch.Attempt);
        if (restore is not null)
        {
            // It believes what it reads.
            var first = files.Read(restore + "/part-0");
            (Step, Value) = ((long)(first?.A ?? 0), first?.B ?? 0);
            CanRead = first is not null && Step >= 0 && Step <= behaviour.Steps;
        }

        checkpointedStep = Step;
    }

    public LaunchSpecification Launch { get; }

    public AttemptId Attempt => Launch.Attempt;

    public Control Control { get; }

    public long Step { get; private set; }

    public ulong Value { get; private set; }

    private bool CanRead { get; } = true;

    /// <summary>The leader or its wrapper is there.</summary>
    public bool IsAlive => host.IsAlive && !hasEnded;

    /// <summary>Its agent may want to look.</summary>
    public event Action? Changed;

    public void Begin(Func<NodeId, Machine> machineOf)
    {
        host.Say($"runs from step {Step}");
        StartRanks(machineOf, 1, tries: 100);
    }

    /// <summary>SIGTERM, or a line in the control file.</summary>
    public void Obey()
    {
        if (!IsAlive || behaviour.IsDeaf)
        {
            return;
        }

        if (Control.StopBy is not null && !isLeaving)
        {
            isLeaving = true;
            host.After(machine.World.Dice.Between(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(4)), () =>
            {
                MakeCheckpoint();
                Exit(machine.World.Dice.Chance(0.5) ? 0 : 85, null);
            });
        }
        else if (Control.Checkpoint > ordersDone)
        {
            ordersDone = Control.Checkpoint;
            host.After(machine.World.Dice.Between(TimeSpan.FromSeconds(0.05), TimeSpan.FromSeconds(2)), MakeCheckpoint);
        }
    }

    /// <summary>SIGKILL to everything of it on one machine; the wrapper writes its record unless it is killed, too.</summary>
    public void Kill(bool alsoWrapper)
    {
        if (!IsAlive)
        {
            return;
        }

        if (alsoWrapper)
        {
            End(orderly: false);
        }
        else
        {
            Exit(null, 9);
        }
    }

    private void StartRanks(Func<NodeId, Machine> machineOf, int next, int tries)
    {
        if (!IsAlive)
        {
            return;
        }

        for (; next < Launch.Shares.Length; next++)
        {
            var share = Launch.Shares[next];
            var other = machineOf(share.Node);
            if (other.Spawn(Attempt, share) is not { } process)
            {
                if (tries == 0)
                {
                    host.Say($"could not start a rank on {share.Node}");
                    Exit(1, null);
                    return;
                }

                host.After(TimeSpan.FromSeconds(0.3), () => StartRanks(machineOf, next, tries - 1));
                return;
            }

            ranks.Add((other, process));
        }

        host.After(Pace(), Advance);
    }

    /// <summary>A rank is gone: the rest hangs for a while, and fails.</summary>
    private bool HasLostRank => ranks.Exists(static rank => !rank.Process.IsAlive);

    private TimeSpan Pace() => behaviour.StepTime * (0.8 + (0.4 * machine.World.Dice.Share()));

    private void Advance()
    {
        if (!IsAlive || isLeaving)
        {
            return;
        }

        if (!CanRead)
        {
            Exit(2, null);
            return;
        }

        if (HasLostRank)
        {
            if (machine.World.Dice.Chance(0.7))
            {
                host.After(machine.World.Dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)), () => Exit(1, null));
            }

            return;
        }

        if (Step < behaviour.Steps)
        {
            var mayFail = Attempt.Epoch <= behaviour.FailsUpTo;
            if (behaviour.StallsAtStep == Step + 1 && mayFail)
            {
                return;
            }

            Step++;
            machine.Lab.Reached(Attempt, Step);
            Value = Behaviour.Compute(Value, Step);
            if (behaviour.FailsAtStep == Step || (mayFail && machine.World.Dice.Below(behaviour.FailsOneIn) == 0))
            {
                Exit(behaviour.FailsWith, behaviour.FailsWith is null ? 11 : null);
                return;
            }

            if (behaviour.CheckpointEvery > 0 && Step % behaviour.CheckpointEvery == 0)
            {
                MakeCheckpoint();
            }

            Changed?.Invoke();
            host.After(Pace(), Advance);
            return;
        }

        try
        {
            files.Write(run + "/final/out", Value, 0, machine.Name);
            Exit(0, null);
        }
        catch (DiskFailedException)
        {
            Exit(1, null);
        }
    }

    private void MakeCheckpoint()
    {
        if (!IsAlive || Step == checkpointedStep || Step == 0)
        {
            return;
        }

        var name = FormattableString.Invariant($"{run}/checkpoints/step-{Step:D6}");
        if (files.Below(name).Count > 0)
        {
            return;
        }

        try
        {
            files.Write(name + ".partial/part-0", (ulong)Step, Value, machine.Name);
            files.Write(name + ".partial/part-1", Dice.Mix((ulong)Step), Dice.Mix(Value), machine.Name);
            files.Rename(name + ".partial", name, machine.Name);
            checkpointedStep = Step;
            Changed?.Invoke();
        }
        catch (DiskFailedException)
        {
            // It goes on without.
            host.Say("has no room for a checkpoint");
        }
    }

    private void Exit(int? status, int? signal)
    {
        if (!IsAlive)
        {
            return;
        }

        host.Say($"exits with {(signal is null ? $"status {status}" : $"signal {signal}")} at step {Step}");
        try
        {
            files.Write(run + "/exit", (ulong)(status ?? 0), (ulong)(signal ?? 0), machine.Name);
        }
        catch (DiskFailedException)
        {
            host.Say("has no room for its exit record");
        }

        End(orderly: signal is null);
    }

    /// <param name="orderly">It ends by itself, after its ranks.</param>
    private void End(bool orderly)
    {
        hasEnded = true;
        machine.Remove(this);
        foreach (var (other, process) in ranks)
        {
            if (orderly)
            {
                other.Remove(process);
            }
            else
            {
                // The daemons of the launcher see that the connection is gone.
                process.After(machine.World.Dice.Between(TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(2)), () => other.Remove(process));
            }
        }

        host.Kill();
        Changed?.Invoke();
    }
}
