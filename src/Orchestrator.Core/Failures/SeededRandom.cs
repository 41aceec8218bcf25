namespace Orchestrator.Core.Failures;

/// <summary>
/// Numbers by chance that are the same for the same seed, on every machine and in every release (invariant 11): SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014). Each stream is its own, so that one more draw here changes nothing there.
/// </summary>
public sealed class SeededRandom
{
    private ulong state;
    private double spare = double.NaN;

    /// <param name="seed">Any number.</param>
    /// <param name="stream">What is drawn from it: streams of one seed have nothing to do with each other.</param>
    /// <param name="number">One of several streams of a kind, such as the number of a node.</param>
    public SeededRandom(int seed, string stream, int number = 0)
    {
        ArgumentNullException.ThrowIfNull(stream);
        state = Mix((ulong)(uint)seed + 0x9E3779B97F4A7C15UL);
        foreach (var letter in stream)
        {
            state = Mix(state ^ letter);
        }

        state = Mix(state ^ ((ulong)(uint)number << 20));
    }

    /// <summary>Above 0 and below 1.</summary>
    public double Next() => ((Bits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)Math.Min(count - 1, Next() * count);
    }

    /// <summary>Of the standard normal distribution.</summary>
    public double Normal()
    {
        if (!double.IsNaN(spare))
        {
            var kept = spare;
            spare = double.NaN;
            return kept;
        }

        // Box and Muller 1958.
        var radius = Math.Sqrt(-2 * Math.Log(Next()));
        var angle = 2 * Math.PI * Next();
        spare = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    private ulong Bits()
    {
        state += 0x9E3779B97F4A7C15UL;
        return Mix(state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
