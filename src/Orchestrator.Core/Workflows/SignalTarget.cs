namespace Orchestrator.Core.Workflows;

/// <summary>Who gets a signal.</summary>
[GenerateSerializer, Alias("orchestrator.signal-target")]
public enum SignalTarget
{
    Absent = 0,

    /// <summary>The program that the shell line started.</summary>
    Leader = 1,

    /// <summary>The whole process group.</summary>
    Group = 2,

    /// <summary>The MPI ranks: descendants that carry a rank in their environment.</summary>
    Ranks = 3,
}
