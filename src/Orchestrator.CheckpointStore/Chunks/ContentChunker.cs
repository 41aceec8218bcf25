using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orchestrator.CheckpointStore.Chunks;

/// <summary>
/// Cuts where the content says so, so that what is inserted or removed moves no other cut: a gear hash over the last 64 bytes, with a hard condition before the normal size
/// and an easy one after it (Xia et al., FastCDC, USENIX ATC 2016). Nothing is hashed before the least size.
/// </summary>
internal static class ContentChunker
{
    public const int Least = 512 * 1024;
    public const int Normal = 1024 * 1024;
    public const int Most = 8 * 1024 * 1024;

    private const int Window = 64;

    /// <summary>Two bits more than the normal size asks for, and two bits less.</summary>
    private static readonly ulong Hard = Mask(BitOperations.Log2(Normal) + 2), Easy = Mask(BitOperations.Log2(Normal) - 2);

    private static readonly ulong[] Gear = MakeGear();

    /// <summary>
    /// The length of the chunk at the beginning of the data; 0 when more data must be seen first.
    /// </summary>
    /// <param name="data">From the last cut on.</param>
    /// <param name="last">The file ends with this data.</param>
    public static int Cut(ReadOnlySpan<byte> data, bool last)
    {
        if (data.Length <= Least)
        {
            return last ? data.Length : 0;
        }

        var normal = Math.Min(Normal, data.Length);
        var end = Math.Min(Most, data.Length);
        var hash = 0ul;
        var at = Least - Window;
        if (Scan(data, ref at, Least, ref hash, 0) || Scan(data, ref at, normal, ref hash, Hard) || Scan(data, ref at, end, ref hash, Easy))
        {
            return at;
        }

        return end == Most || last ? end : 0;
    }

    /// <summary>Moves on to <paramref name="end"/>; true when the condition held, with <paramref name="at"/> behind the byte where it did.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Scan(ReadOnlySpan<byte> data, ref int at, int end, ref ulong hash, ulong mask)
    {
        ref var gear = ref Gear[0];
        var value = hash;
        var bytes = data[..end];
        for (var position = at; position < bytes.Length; position++)
        {
            value = (value << 1) + Unsafe.Add(ref gear, bytes[position]);
            if ((value & mask) == 0 && mask != 0)
            {
                at = position + 1;
                return true;
            }
        }

        (hash, at) = (value, end);
        return false;
    }

    /// <summary>The highest bits: those know the most bytes.</summary>
    private static ulong Mask(int bits) => ulong.MaxValue << (64 - bits);

    /// <summary>Numbers without a pattern, the same for ever: another table would cut elsewhere, and nothing stored before would be met again.</summary>
    private static ulong[] MakeGear()
    {
        var gear = new ulong[256];
        var state = 0x4F72_6368_6573_7472ul;
        for (var at = 0; at < gear.Length; at++)
        {
            // SplitMix64.
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            gear[at] = mixed ^ (mixed >> 31);
        }

        return gear;
    }
}
