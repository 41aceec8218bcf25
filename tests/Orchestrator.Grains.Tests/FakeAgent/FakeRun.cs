using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Grains.Tests.FakeAgent;

/// <summary>An attempt on one node of a test: a share that is held, and on the lead the program and its reports.</summary>
internal sealed class FakeRun(WantedLease lease)
{
    public WantedLease Lease { get; set; } = lease;

    public LaunchSpecification? Launch { get; set; }

    public FakeProgram Program { get; set; } = new();

    public bool Runs { get; set; }

    public long Step { get; set; }

    public ulong Value { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The step that it began or went on with.</summary>
    public long FirstStep { get; set; }

    /// <summary>Up to when its steps are counted, where they take a time.</summary>
    public DateTimeOffset WorkedUntil { get; set; }

    /// <summary>The number of the last checkpoint order it carried out.</summary>
    public long CheckpointDone { get; set; }

    /// <summary>Reports that are not acknowledged, in order.</summary>
    public Queue<AttemptReport> Spool { get; } = new();

    public long LastSequence { get; set; }

    /// <summary>Nothing more will come of it.</summary>
    public bool IsOver { get; set; }
}
