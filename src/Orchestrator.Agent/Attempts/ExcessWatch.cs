using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>
/// Compares what an attempt uses of this node with what was declared for it. Memory counts when two samples in a row are above it: a process that has just split holds everything twice
/// for a moment. Processor time counts over a minute, and only well above the cores: a program that is held by its CPU set never gets there.
/// </summary>
/// <param name="memory">Bytes that were declared; 0: none were, and none are too many.</param>
/// <param name="cores">That it was given.</param>
/// <param name="told">What was told before, by an earlier agent.</param>
internal sealed class ExcessWatch(long memory, int cores, IEnumerable<ExcessResource> told)
{
    private const int SamplesInARow = 2;

    /// <summary>So much more than its cores, and half a core at least, is no inaccuracy of the measurement.</summary>
    private const double CoresAbove = 0.25;
    private const double CoresAboveMin = 0.5;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly HashSet<ExcessResource> told = [.. told];
    private int above;
    private (DateTimeOffset At, TimeSpan Cpu)? since;

    /// <summary>It is on its way: it is not told again.</summary>
    public void Told(ExcessResource resource) => told.Add(resource);

    /// <summary>What is too much of memory, and was not told; null: nothing is.</summary>
    /// <param name="resident">Bytes resident, which is never less than what is held.</param>
    /// <param name="held">Reads how much of that it takes from others, which costs more.</param>
    public ResourceExcess? LookAtMemory(long resident, Func<long> held)
    {
        if (memory <= 0 || told.Contains(ExcessResource.Memory))
        {
            return null;
        }

        var used = resident > memory ? held() : 0;
        above = used > memory ? above + 1 : 0;
        return above >= SamplesInARow ? new() { Resource = ExcessResource.Memory, Used = used, Declared = memory } : null;
    }

    /// <summary>The same of cores.</summary>
    /// <param name="now">When the sample was taken.</param>
    /// <param name="cpu">Processor time so far.</param>
    public ResourceExcess? LookAtCores(DateTimeOffset now, TimeSpan cpu)
    {
        if (cores <= 0 || told.Contains(ExcessResource.Cores))
        {
            return null;
        }

        if (since is not { } before)
        {
            since = (now, cpu);
            return null;
        }

        if (now - before.At < Window)
        {
            return null;
        }

        since = (now, cpu);
        var used = (cpu - before.Cpu) / (now - before.At);
        return used > cores + Math.Max(CoresAboveMin, CoresAbove * cores) ? new() { Resource = ExcessResource.Cores, Used = used, Declared = cores } : null;
    }
}
