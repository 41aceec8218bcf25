namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>All chance of a world, from its seed alone: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same throws on every machine.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = Mix(seed + 0x9E3779B97F4A7C15UL);

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + new TimeSpan((long)(Share() * (most - least).Ticks));

    /// <summary>0 up to 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double share) => share > 0 && Share() < share;

    public T Pick<T>(IReadOnlyList<T> all) => all[Below(all.Count)];

    /// <summary>Spreads bits: what goes in is not to be seen in what comes out.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15UL;
        return Mix(state);
    }
}
