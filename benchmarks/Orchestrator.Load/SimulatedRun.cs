using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Load;

/// <summary>A simulated program that a simulated agent leads. It computes nothing, and never ends by itself.</summary>
internal sealed class SimulatedRun(WantedLease lease)
{
    public WantedLease Lease { get; set; } = lease;

    public LaunchSpecification? Launch { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset NextProgress { get; set; }

    public DateTimeOffset NextCheckpoint { get; set; }

    public long Sequence { get; set; }

    public long Step { get; set; }

    public long CheckpointDone { get; set; }

    public bool IsOver { get; set; }
}
