using Orchestrator.Core;

namespace Orchestrator.Grains.Faults;

/// <summary>A grain failed by an exception that cannot cross its boundary. The silo's log has the whole of it, under the same grain and call.</summary>
[GenerateSerializer, Alias("orchestrator.grain-fault-exception")]
public sealed class GrainFaultException : OrchestratorException
{
    public GrainFaultException()
    {
    }

    public GrainFaultException(string message) : base(message)
    {
    }

    public GrainFaultException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>The key of the grain.</summary>
    [Id(0)] public string Grain { get; init; } = "";

    /// <summary>The call, as in "ISimulationGrain.ControlAsync".</summary>
    [Id(1)] public string Call { get; init; } = "";

    /// <summary>The full name of the exception's type.</summary>
    [Id(2)] public string Fault { get; init; } = "";

    /// <summary>It was a time-out or the like.</summary>
    [Id(3)] public bool MayPass { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => MayPass;
}
