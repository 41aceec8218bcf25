namespace Orchestrator.Pilot.Processes;

/// <summary>Gives tasks processors that no other task has, as long as the machine has as many as the pilot may use.</summary>
internal sealed unsafe class CpuSets
{
    private const int Words = 1024 / 64;

    private readonly int[] allowed;
    private readonly ulong[] everything = new ulong[Words];
    private readonly bool[] taken;

    private CpuSets(int[] allowed, int cores)
    {
        this.allowed = allowed;
        taken = new bool[cores];
        foreach (var processor in allowed)
        {
            everything[processor / 64] |= 1UL << (processor % 64);
        }
    }

    /// <returns>Null where there are fewer processors than cores: then sets could not be disjoint, and the kernel places tasks better.</returns>
    public static CpuSets? For(int cores)
    {
        var allowed = Allowed();
        return allowed.Length >= cores ? new(allowed, cores) : null;
    }

    /// <summary>Numbers of the processors that this process may use, ascending.</summary>
    public static int[] Allowed()
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        return !OperatingSystem.IsLinux() || Native.GetAffinity(0, Words * sizeof(ulong), mask) < 0
            ? []
            : [.. Enumerable.Range(0, Words * 64).Where(Bits([.. new ReadOnlySpan<ulong>(mask, Words)]))];
    }

    /// <summary>Takes processors, next to each other where it can be. Null: so many are not free.</summary>
    public int[]? Take(int cores)
    {
        var (start, length) = (-1, 0);
        for (var at = 0; at < taken.Length && length < cores; at++)
        {
            (start, length) = taken[at] ? (-1, 0) : (length == 0 ? at : start, length + 1);
        }

        int[] chosen = length >= cores
            ? [.. Enumerable.Range(start, cores)]
            : [.. Enumerable.Range(0, taken.Length).Where(at => !taken[at]).Take(cores)];
        if (chosen.Length < cores)
        {
            return null;
        }

        foreach (var at in chosen)
        {
            taken[at] = true;
        }

        return chosen;
    }

    public void Give(int[] chosen)
    {
        foreach (var at in chosen)
        {
            taken[at] = false;
        }
    }

    /// <summary>What the calling thread starts from now on runs on these.</summary>
    public void Enter(int[] chosen)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (var at in chosen)
        {
            mask[allowed[at] / 64] |= 1UL << (allowed[at] % 64);
        }

        _ = Native.SetAffinity(0, Words * sizeof(ulong), mask);
    }

    /// <summary>The calling thread itself may run anywhere again.</summary>
    public void Leave()
    {
        fixed (ulong* mask = everything)
        {
            _ = Native.SetAffinity(0, Words * sizeof(ulong), mask);
        }
    }

    private static Func<int, bool> Bits(ulong[] mask) => processor => (mask[processor / 64] & (1UL << (processor % 64))) != 0;
}
