namespace Climate.Model;

/// <summary>
/// Random numbers as a pure function of (seed, member, step, index): no state to save, so that a restart draws what the undisturbed run drew.
/// The mixing is the finalizer of SplitMix64, chained over the four counters.
/// </summary>
internal readonly struct CounterRandom(long seed, int member)
{
    private readonly ulong key = Mix(Mix((ulong)seed) + (ulong)(uint)member);

    /// <summary>A pair of independent standard normal numbers (Box-Muller).</summary>
    public (double First, double Second) Normals(long step, int index)
    {
        var counter = Mix(key + (ulong)step);
        var radius = Math.Sqrt(-2 * Math.Log(Unit(Mix(counter + 2UL * (uint)index))));
        var angle = 2 * Math.PI * Unit(Mix(counter + 2UL * (uint)index + 1));
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }

    /// <summary>Uniform in (0, 1]: never 0, whose logarithm is infinite.</summary>
    private static double Unit(ulong bits) => ((bits >> 11) + 1) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}
