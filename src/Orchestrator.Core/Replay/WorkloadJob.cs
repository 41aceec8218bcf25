namespace Orchestrator.Core.Replay;

/// <summary>One job of a recorded or made-up workload: what it asked for, and how long it really ran.</summary>
public sealed record WorkloadJob
{
    /// <summary>As the trace names it; unique in its workload.</summary>
    public string Id { get; init; } = "";

    /// <summary>On the trace's own clock; not negative.</summary>
    public TimeSpan Submit { get; init; }

    /// <summary>How long it runs once it was started, above 0; never longer than <see cref="Estimate"/>.</summary>
    public TimeSpan Run { get; init; }

    /// <summary>Processors, or whole hosts, from its start to its end; at least 1.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>How long its user said that it runs at most; null: the user said nothing.</summary>
    public TimeSpan? Estimate { get; init; }

    /// <summary>How long it may run; where the user said nothing, as long as it does.</summary>
    public TimeSpan Limit => Estimate ?? Run;

    /// <summary>Whose it is; "": not known.</summary>
    public string User { get; init; } = "";

    /// <summary>False: it only passes time on its hosts, which draw no more than idle ones.</summary>
    public bool Computes { get; init; } = true;
}

/// <summary>A job of a trace that is not replayed.</summary>
public sealed record SkippedJob
{
    /// <summary>As the trace names it.</summary>
    public string Id { get; init; } = "";

    /// <summary>The line of the trace, or the number of the job in it, counted from 1.</summary>
    public int Place { get; init; }

    public SkipReason Reason { get; init; }
}

/// <summary>Why a job of a trace is not replayed.</summary>
public enum SkipReason
{
    Absent = 0,

    /// <summary>Its run time is unknown or 0.</summary>
    NeverRan = 1,

    /// <summary>How many processors it had is unknown or 0.</summary>
    NoProcessors = 2,

    /// <summary>It asks for more processors than the machine has.</summary>
    TooLarge = 3,

    /// <summary>It is one of several executions of a job that is in the trace as a whole too.</summary>
    PartOfJob = 4,
}
