namespace Orchestrator.CheckpointStore.Tests.Simulated;

/// <summary>Nothing runs on any more.</summary>
public sealed class MachineDiedException : Exception;
