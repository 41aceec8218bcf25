using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>What the agent must find again about an attempt after its own restart; stored before anything is started.</summary>
internal sealed record AttemptRecord
{
    public WantedLease Lease { get; init; } = new();

    /// <summary>Null: not asked for yet.</summary>
    public LaunchSpecification? Launch { get; init; }

    /// <summary>Counts tries to start the program; 0: none. Above 0 a process may exist.</summary>
    public int Start { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The boot in which it was started: after another one nothing of it can run.</summary>
    public string BootId { get; init; } = "";

    /// <summary>The name of the checkpoint it goes on from; null: from the beginning.</summary>
    public string? Restored { get; init; }

    /// <summary>Checkpoints that were tried and are damaged.</summary>
    public ImmutableArray<string> Damaged { get; init; } = [];

    /// <summary>Checkpoints that were tried and that the file system does not give.</summary>
    public ImmutableArray<string> Unreadable { get; init; } = [];

    public static AttemptRecord? Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<AttemptRecord>(File.ReadAllBytes(path), WireJson.Options) : null;

    public void Write(string path) => DurableFile.WriteByRename(path, JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Options));
}
