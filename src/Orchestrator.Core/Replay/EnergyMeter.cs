using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Replay;

/// <summary>What the hosts (or processors) of a machine drew, by what they were doing.</summary>
/// <param name="power">Of each host.</param>
/// <param name="hosts">How many there are; all are on and idle at first.</param>
/// <param name="start">Ticks from which it counts.</param>
public sealed class EnergyMeter(NodePower power, int hosts, long start)
{
    private readonly NodePower power = power;
    private long at = start;
    private int idle = hosts;
    private int computing;
    private int off;

    /// <summary>Joules from the start to the last change.</summary>
    public double Joules { get; private set; }

    /// <summary>So many idle hosts begin to compute.</summary>
    public void Compute(int count, long now)
    {
        Advance(now);
        idle -= count;
        computing += count;
    }

    /// <summary>So many computing hosts are idle again.</summary>
    public void Rest(int count, long now)
    {
        Advance(now);
        computing -= count;
        idle += count;
    }

    /// <summary>An idle host is switched off; the energy of switching counts at once.</summary>
    public void BeginOff(long now)
    {
        Advance(now);
        idle--;
        Joules += power.SwitchOffEnergy;
    }

    public void EndOff(long now)
    {
        Advance(now);
        off++;
    }

    /// <summary>A host is switched on; the energy of switching counts at once.</summary>
    public void BeginOn(long now)
    {
        Advance(now);
        off--;
        Joules += power.SwitchOnEnergy;
    }

    public void EndOn(long now)
    {
        Advance(now);
        idle++;
    }

    /// <summary>Counts up to this moment.</summary>
    public void Advance(long now)
    {
        if (now > at)
        {
            Joules += ((idle * power.Idle) + (computing * power.Busy) + (off * power.Off)) * ((now - at) / (double)TimeSpan.TicksPerSecond);
            at = now;
        }
    }
}
