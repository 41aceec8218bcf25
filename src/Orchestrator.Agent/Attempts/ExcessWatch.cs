using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>
/// Compares what an attempt uses of this node with what was declared for it. Memory counts when two samples in a row are above it: a process that has just split holds everything twice
/// for a moment. Processor time counts over a minute, and only well above the cores: a program that is held by its CPU set never gets there. Whoever sets the clock changes nothing.
/// </summary>
/// <param name="memory">Bytes that were declared; 0: none were, and none are too many.</param>
/// <param name="cores">That it was given.</param>
/// <param name="told">What was told before, by an earlier agent.</param>
/// <param name="time">Of which only the time that passes counts.</param>
internal sealed class ExcessWatch(long memory, int cores, IEnumerable<ExcessResource> told, TimeProvider time)
{
    private const int SamplesInARow = 2;

    /// <summary>So much more than its cores, and half a core at least, is no inaccuracy of the measurement.</summary>
    private const double CoresAbove = 0.25;
    private const double CoresAboveMin = 0.5;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>What is resident is mostly shared, or of files, as a rule for long: it costs too much to find that out with each sample.</summary>
    private static readonly TimeSpan HeldAgain = TimeSpan.FromSeconds(30);

    private readonly HashSet<ExcessResource> told = [.. told];
    private int above;
    private long? wellAt;
    private (long At, TimeSpan Cpu)? since;

    /// <summary>It is on its way: it is not told again.</summary>
    public void Told(ExcessResource resource) => told.Add(resource);

    /// <summary>What is too much of memory, and was not told; null: nothing is.</summary>
    /// <param name="resident">Bytes resident, which is never less than what is held.</param>
    /// <param name="atMost">Reads a number between the two.</param>
    /// <param name="held">Reads how much it takes from others, which costs most.</param>
    public ResourceExcess? LookAtMemory(long resident, Func<long> atMost, Func<long> held)
    {
        if (memory <= 0 || told.Contains(ExcessResource.Memory))
        {
            return null;
        }

        var isRead = resident > memory && !(wellAt is { } well && time.GetElapsedTime(well) < HeldAgain) && atMost() > memory;
        var used = isRead ? held() : 0;
        if (isRead)
        {
            wellAt = used > memory ? null : time.GetTimestamp();
        }

        above = used > memory ? above + 1 : 0;
        return above >= SamplesInARow ? new() { Resource = ExcessResource.Memory, Used = used, Declared = memory } : null;
    }

    /// <summary>The same of cores.</summary>
    /// <param name="cpu">Processor time so far.</param>
    public ResourceExcess? LookAtCores(TimeSpan cpu)
    {
        if (cores <= 0 || told.Contains(ExcessResource.Cores))
        {
            return null;
        }

        if (since is not { } before)
        {
            since = (time.GetTimestamp(), cpu);
            return null;
        }

        var passed = time.GetElapsedTime(before.At);
        if (passed < Window)
        {
            return null;
        }

        since = (time.GetTimestamp(), cpu);
        var used = (cpu - before.Cpu) / passed;
        return used > cores + Math.Max(CoresAboveMin, CoresAbove * cores) ? new() { Resource = ExcessResource.Cores, Used = used, Declared = cores } : null;
    }
}
