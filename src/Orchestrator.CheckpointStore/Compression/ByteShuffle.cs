using System.Runtime.InteropServices;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>
/// Puts the first bytes of all numbers together, then the second ones, and so on: signs and exponents of neighbours are alike, so an array of floating point numbers becomes
/// something that a compressor can work with.
/// </summary>
internal static class ByteShuffle
{
    /// <param name="source">Numbers, and what is left over at the end as it is.</param>
    /// <param name="target">As long as the source.</param>
    /// <param name="width">Bytes of a number: 4 or 8.</param>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> target, int width)
    {
        var count = source.Length / width;
        source[(count * width)..].CopyTo(target[(count * width)..]);
        var done = 0;
        if (width == 8)
        {
            done = count & ~7;
            var from = MemoryMarshal.Cast<byte, ulong>(source[..(done * 8)]);
            for (var at = 0; at < from.Length; at += 8)
            {
                var (a, b, c, d, e, f, g, h) = (from[at], from[at + 1], from[at + 2], from[at + 3], from[at + 4], from[at + 5], from[at + 6], from[at + 7]);
                Transpose(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                MemoryMarshal.Write(target[at..], in a);
                MemoryMarshal.Write(target[(count + at)..], in b);
                MemoryMarshal.Write(target[((2 * count) + at)..], in c);
                MemoryMarshal.Write(target[((3 * count) + at)..], in d);
                MemoryMarshal.Write(target[((4 * count) + at)..], in e);
                MemoryMarshal.Write(target[((5 * count) + at)..], in f);
                MemoryMarshal.Write(target[((6 * count) + at)..], in g);
                MemoryMarshal.Write(target[((7 * count) + at)..], in h);
            }
        }

        for (var place = 0; place < width; place++)
        {
            var row = target.Slice(place * count, count);
            for (var at = done; at < row.Length; at++)
            {
                row[at] = source[(at * width) + place];
            }
        }
    }

    /// <summary>Undoes <see cref="Apply"/>.</summary>
    public static void Undo(ReadOnlySpan<byte> source, Span<byte> target, int width)
    {
        var count = source.Length / width;
        source[(count * width)..].CopyTo(target[(count * width)..]);
        var done = 0;
        if (width == 8)
        {
            done = count & ~7;
            var into = MemoryMarshal.Cast<byte, ulong>(target[..(done * 8)]);
            for (var at = 0; at < into.Length; at += 8)
            {
                var a = MemoryMarshal.Read<ulong>(source[at..]);
                var b = MemoryMarshal.Read<ulong>(source[(count + at)..]);
                var c = MemoryMarshal.Read<ulong>(source[((2 * count) + at)..]);
                var d = MemoryMarshal.Read<ulong>(source[((3 * count) + at)..]);
                var e = MemoryMarshal.Read<ulong>(source[((4 * count) + at)..]);
                var f = MemoryMarshal.Read<ulong>(source[((5 * count) + at)..]);
                var g = MemoryMarshal.Read<ulong>(source[((6 * count) + at)..]);
                var h = MemoryMarshal.Read<ulong>(source[((7 * count) + at)..]);
                Transpose(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                (into[at], into[at + 1], into[at + 2], into[at + 3], into[at + 4], into[at + 5], into[at + 6], into[at + 7]) = (a, b, c, d, e, f, g, h);
            }
        }

        for (var place = 0; place < width; place++)
        {
            var row = source.Slice(place * count, count);
            for (var at = done; at < row.Length; at++)
            {
                target[(at * width) + place] = row[at];
            }
        }
    }

    /// <summary>Eight by eight bytes, rows for columns; its own inverse.</summary>
    private static void Transpose(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ref ulong e, ref ulong f, ref ulong g, ref ulong h)
    {
        Swap(ref a, ref e, 32, 0x00000000FFFFFFFF);
        Swap(ref b, ref f, 32, 0x00000000FFFFFFFF);
        Swap(ref c, ref g, 32, 0x00000000FFFFFFFF);
        Swap(ref d, ref h, 32, 0x00000000FFFFFFFF);
        Swap(ref a, ref c, 16, 0x0000FFFF0000FFFF);
        Swap(ref b, ref d, 16, 0x0000FFFF0000FFFF);
        Swap(ref e, ref g, 16, 0x0000FFFF0000FFFF);
        Swap(ref f, ref h, 16, 0x0000FFFF0000FFFF);
        Swap(ref a, ref b, 8, 0x00FF00FF00FF00FF);
        Swap(ref c, ref d, 8, 0x00FF00FF00FF00FF);
        Swap(ref e, ref f, 8, 0x00FF00FF00FF00FF);
        Swap(ref g, ref h, 8, 0x00FF00FF00FF00FF);
    }

    /// <summary>Swaps the high part of <paramref name="low"/>'s fields with the low part of <paramref name="high"/>'s.</summary>
    private static void Swap(ref ulong low, ref ulong high, int shift, ulong mask)
    {
        var difference = ((low >> shift) ^ high) & mask;
        high ^= difference;
        low ^= difference << shift;
    }
}
