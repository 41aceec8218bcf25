namespace Orchestrator.Core.Scheduling;

/// <summary>
/// Whether a GPU is what people mean. They write "a100" and "80G" as they were sold; a driver tells "NVIDIA A100-SXM4-80GB" and a size of which it keeps a part for itself: an A100 of 80 GB has 79.65 to 80 GiB,
/// an A10 of 24 GB 22.49 GiB and a T4 of 16 GB 14.76 to 15 GiB with error correction on.
/// </summary>
internal static class GpuSuits
{
    /// <summary>Sizes below are no GPU's and are meant byte for byte.</summary>
    private const long Sold = 1L << 30;

    /// <summary>So much of its size a GPU may keep for itself, in hundredths: more than any does (7.8 by a T4), and less than there is between a size that is sold and the next (8.3 between 11 and 12 GB).</summary>
    private const int KeptMax = 8;

    public static bool HasMemory(long has, long wanted) => has >= (wanted < Sold ? wanted : wanted - wanted / 100 * KeptMax);

    /// <summary>Whether the words of the wanted name are words of the GPU's, in this order, in small letters or capitals: "a100", "A100-80GB" and "nvidia a100" are "NVIDIA A100-SXM4-80GB", and "L4" is no "L40".</summary>
    public static bool IsModel(string has, string wanted)
    {
        if (string.Equals(has, wanted, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var rest = has.AsSpan();
        var left = wanted.AsSpan();
        var isAny = false;
        for (var word = Next(ref left); !word.IsEmpty; word = Next(ref left))
        {
            var other = Next(ref rest);
            while (!other.IsEmpty && !other.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                other = Next(ref rest);
            }

            if (other.IsEmpty)
            {
                return false;
            }

            isAny = true;
        }

        return isAny;
    }

    /// <summary>The next letters and digits of a text, which is what follows them then; empty: there are none.</summary>
    private static ReadOnlySpan<char> Next(scoped ref ReadOnlySpan<char> text)
    {
        var from = 0;
        while (from < text.Length && !char.IsLetterOrDigit(text[from]))
        {
            from++;
        }

        var end = from;
        while (end < text.Length && char.IsLetterOrDigit(text[end]))
        {
            end++;
        }

        var word = text[from..end];
        text = text[end..];
        return word;
    }
}
