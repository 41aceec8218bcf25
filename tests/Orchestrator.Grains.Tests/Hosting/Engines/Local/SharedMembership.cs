using Orleans.Hosting;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>The silos of the local engine know each other by their process, whichever is killed: there is no table of them.</summary>
internal static class SharedMembership
{
    /// <summary>Changes nothing.</summary>
    public static ISiloBuilder UseSharedMembership(this ISiloBuilder builder, string deployment)
    {
        ArgumentException.ThrowIfNullOrEmpty(deployment);
        return builder;
    }
}
