using System.Security.Cryptography;
using Orchestrator.CheckpointStore.Leases;

namespace Orchestrator.CheckpointStore;

/// <summary>How a process uses a store.</summary>
public sealed record StoreOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public StoreIdentity Identity { get; init; } = StoreIdentity.Current;

    /// <summary>How often a lease is renewed: 30 s.</summary>
    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long without renewal a process on another machine counts as dead: 15 min. Shorter than a machine may hang, and its checkpoint fails.</summary>
    public TimeSpan LeaseTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Threads that hash and compress, 1 to 64; 0: everything on the caller's thread, in a fixed order. Default: as many as cores, at most 4.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Makes names unique: 8 hexadecimal digits.</summary>
    public Func<string> NewSuffix { get; init; } = () => RandomNumberGenerator.GetHexString(8, lowercase: true);
}
