using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>On which silo a grain was last called.</summary>
internal sealed class Whereabouts
{
    private readonly ConcurrentDictionary<GrainId, string> silos = new();

    public string? SiloOf(GrainId grain) => silos.GetValueOrDefault(grain);

    /// <summary>Notes every call of a silo.</summary>
    public sealed class Filter(Whereabouts whereabouts, ILocalSiloDetails silo) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            whereabouts.silos[context.TargetId] = silo.Name;
            return context.Invoke();
        }
    }
}
