using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>What the silo does on the shared file system.</summary>
internal interface IFiles
{
    /// <exception cref="Worlds.CallFailedException">Something could not be removed; a repeat goes on.</exception>
    void DeleteCheckpoint(CheckpointRecord checkpoint);
}
