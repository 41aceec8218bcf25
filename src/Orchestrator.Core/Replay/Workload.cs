using System.Collections.Immutable;

namespace Orchestrator.Core.Replay;

/// <summary>A list of jobs with the moments at which they were submitted.</summary>
public sealed record Workload
{
    /// <summary>The name of the trace, without folders.</summary>
    public string Name { get; init; } = "";

    /// <summary>By submission; those of one moment in the order of the trace.</summary>
    public ImmutableArray<WorkloadJob> Jobs { get; init; } = [];

    /// <summary>Processors of the machine, as the trace has it; null: it says nothing.</summary>
    public int? Processors { get; init; }

    /// <summary>Jobs of the trace that are not in <see cref="Jobs"/>, in its order.</summary>
    public ImmutableArray<SkippedJob> Skipped { get; init; } = [];

    /// <summary>The workload without the jobs that a machine of so many processors could never run; they are among <see cref="Skipped"/>.</summary>
    public Workload On(int processors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processors, 1);
        return Jobs.All(job => job.Processors <= processors)
            ? this
            : this with
            {
                Jobs = [.. Jobs.Where(job => job.Processors <= processors)],
                Skipped = [.. Skipped, .. Jobs.Select(static (job, index) => (job, index)).Where(each => each.job.Processors > processors).Select(static each => new SkippedJob { Id = each.job.Id, Place = each.index + 1, Reason = SkipReason.TooLarge })],
            };
    }

    /// <summary>The workload with the times between submissions divided by <paramref name="factor"/>, which multiplies its load.</summary>
    /// <param name="factor">Above 0, at most 1000.</param>
    public Workload WithLoad(double factor)
    {
        if (!(factor is > 0 and <= 1000))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "the load factor must be above 0 and at most 1000");
        }

        if (factor == 1 || Jobs.IsEmpty)
        {
            return this;
        }

        var first = Jobs[0].Submit;
        return this with { Jobs = [.. Jobs.Select(job => job with { Submit = first + ((job.Submit - first) / factor) })] };
    }

    /// <summary>The workload in which every user knew how long the job would run.</summary>
    public Workload WithPerfectEstimates() => this with { Jobs = [.. Jobs.Select(static job => job with { Estimate = job.Run })] };
}
