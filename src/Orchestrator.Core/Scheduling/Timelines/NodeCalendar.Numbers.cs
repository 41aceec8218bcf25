using System.Collections.Immutable;
using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeCalendar
{
    private ulong[] takenCores = [];
    private ulong[] heldCores = [];
    private short[] takenGpus = [];

    /// <summary>The numbers of cores that partial reservations name: they are given to others last.</summary>
    public void HoldCores(ImmutableArray<int> numbers)
    {
        Array.Resize(ref heldCores, (Math.Max(0, Node.Cores) + 63) / 64);
        foreach (var number in numbers)
        {
            if ((uint)number < (uint)Math.Max(0, Node.Cores))
            {
                heldCores[number >> 6] |= 1UL << (number & 63);
            }
        }
    }

    public void ForgetHeldCores() => heldCores = [];

    /// <summary>Of the GPUs that suit, those of which so much is free now.</summary>
    public ulong FreeGpus(ulong suits, int thousandths)
    {
        var free = suits;
        for (var gpu = 0; gpu < takenGpus.Length; gpu++)
        {
            if (takenGpus[gpu] + thousandths > 1000)
            {
                free &= ~(1UL << gpu);
            }
        }

        return free;
    }

    private int MarkCores(ImmutableArray<int> numbers)
    {
        var marked = 0;
        foreach (var number in numbers)
        {
            if ((uint)number < (uint)Math.Max(0, Node.Cores) && (takenCores[number >> 6] & 1UL << (number & 63)) == 0)
            {
                takenCores[number >> 6] |= 1UL << (number & 63);
                marked++;
            }
        }

        return marked;
    }

    private ulong Mask(ImmutableArray<int> gpus)
    {
        var mask = 0UL;
        foreach (var gpu in gpus)
        {
            if ((uint)gpu < (uint)takenGpus.Length)
            {
                mask |= 1UL << gpu;
            }
        }

        return mask;
    }

    private ImmutableArray<int> ChooseCores(int count)
    {
        var chosen = new int[count];
        var found = 0;
        var hasHeld = heldCores.Length == takenCores.Length;
        for (var pass = hasHeld ? 0 : 1; pass < 2 && found < count; pass++)
        {
            for (var word = 0; word < takenCores.Length && found < count; word++)
            {
                var free = ~takenCores[word];
                if (hasHeld)
                {
                    free &= pass == 0 ? ~heldCores[word] : heldCores[word];
                }

                for (; free != 0 && found < count; free &= free - 1)
                {
                    var number = word * 64 + BitOperations.TrailingZeroCount(free);
                    if (number < Node.Cores)
                    {
                        chosen[found++] = number;
                    }
                }
            }
        }

        if (hasHeld)
        {
            Array.Sort(chosen);
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(chosen);
    }

    /// <summary>Parts of GPUs come from those of which most is taken, so that whole ones stay whole.</summary>
    private ImmutableArray<int> ChooseGpus(ulong suits, int count, int thousandths)
    {
        if (count == 0)
        {
            return [];
        }

        var free = FreeGpus(suits, thousandths);
        var chosen = 0UL;
        for (var found = 0; found < count; found++)
        {
            var best = -1;
            for (var rest = free & ~chosen; rest != 0; rest &= rest - 1)
            {
                var gpu = BitOperations.TrailingZeroCount(rest);
                if (best < 0 || takenGpus[gpu] > takenGpus[best])
                {
                    best = gpu;
                }
            }

            chosen |= 1UL << best;
        }

        var numbers = ImmutableArray.CreateBuilder<int>(count);
        for (; chosen != 0; chosen &= chosen - 1)
        {
            numbers.Add(BitOperations.TrailingZeroCount(chosen));
        }

        return numbers.ToImmutable();
    }
}
