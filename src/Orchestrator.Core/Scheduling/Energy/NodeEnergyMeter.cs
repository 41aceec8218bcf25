using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>Counts the joules of one node as it works, idles and is switched. Times only go forward.</summary>
/// <param name="power">Its figures.</param>
/// <param name="cores">At least 1.</param>
/// <param name="from">When counting starts, with the node on and idle.</param>
public sealed class NodeEnergyMeter(NodePower power, int cores, DateTimeOffset from)
{
    private readonly int cores = cores >= 1 ? cores : throw new ArgumentOutOfRangeException(nameof(cores), cores, "A node has at least one core.");
    private long at = from.UtcTicks;
    private double joules;
    private PowerState state = PowerState.On;
    private int busy;

    public PowerState State => state;

    /// <summary>Joules up to a moment, which is then the present.</summary>
    public double At(DateTimeOffset now)
    {
        Advance(now);
        return joules;
    }

    /// <summary>From now on so many of its cores are at work.</summary>
    public void SetBusy(int busyCores, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(busyCores);
        Advance(now);
        busy = Math.Min(busyCores, cores);
    }

    /// <summary>From now on it is in another state. A switch costs its energy over its time, and all of it if it is said to be over sooner.</summary>
    public void SetState(PowerState next, DateTimeOffset now)
    {
        Advance(now);
        if (next == state)
        {
            return;
        }

        joules += next switch
        {
            // A switch that takes no time, or whose states in between nobody reports.
            PowerState.On when state == PowerState.Off => power.SwitchOnEnergy,
            PowerState.Off when state == PowerState.On => power.SwitchOffEnergy,
            PowerState.SwitchingOn => power.SwitchOnEnergy,
            PowerState.SwitchingOff => power.SwitchOffEnergy,
            _ => 0,
        };
        state = next;
        busy = next == PowerState.On ? busy : 0;
    }

    private void Advance(DateTimeOffset now)
    {
        if (now.UtcTicks < at)
        {
            throw new ArgumentOutOfRangeException(nameof(now), now, "A meter does not count back.");
        }

        // The energy of a switch is counted at its beginning.
        var watts = state switch
        {
            PowerState.On => EnergyWatts.On(power, (double)busy / cores),
            PowerState.Off => power.Off,
            _ => 0,
        };
        joules += watts * (now.UtcTicks - at) / TimeSpan.TicksPerSecond;
        at = now.UtcTicks;
    }
}
