using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>What is on disk of an attempt that is over.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.kept-run")]
public sealed record KeptRun
{
    /// <summary>Of more attempts of a stage than this the oldest are left to be removed by hand: they would fill the state.</summary>
    public const int KnownMax = 256;

    [Id(0)] public int Epoch { get; init; }

    [Id(1)] public RunFiles Files { get; init; } = RunFiles.All;
}

/// <summary>How much of an attempt's directory stays, from all to next to nothing. Checkpoints of the catalogue stay with each: they have a retention of their own.</summary>
[GenerateSerializer, Alias("orchestrator.run-files")]
public enum RunFiles
{
    Absent = 0,

    /// <summary>Nothing was removed.</summary>
    All = 1,

    /// <summary>All but checkpoints that were never finished.</summary>
    Finished = 2,

    /// <summary>What it wrote to its logs: its run directory is gone.</summary>
    Logs = 3,

    /// <summary>What says that it ran, a few bytes: an agent that comes back with it starts it no second time.</summary>
    Traces = 4,
}

/// <summary>Files of an attempt that are to be removed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.run-clearing")]
public sealed record RunClearing
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>What stays.</summary>
    [Id(1)] public RunFiles Keep { get; init; }
}

/// <summary>A run directory that is not removed by hand either, and why.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.held-run")]
public sealed record HeldRun
{
    [Id(0)] public int Epoch { get; init; }

    /// <summary>As the end of a sentence that begins with "it stays, since".</summary>
    [Id(1)] public string Why { get; init; } = "";

    /// <summary>It is merely the newest of a stage that has ended, or shows previews of it: whoever asks for all gets this one, too.</summary>
    [Id(2)] public bool IsNewest { get; init; }
}
