using System.Collections.Concurrent;
using Orchestrator.Grains.Access;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>What goes on in all silos of a world: on which one a grain was last called, and whether anything is under way.</summary>
internal sealed class Whereabouts
{
    private readonly ConcurrentDictionary<GrainId, string> silos = new();
    private long begun;
    private long ended;

    /// <summary>Calls, timer ticks and writes that have begun.</summary>
    public long Begun => Interlocked.Read(ref begun);

    /// <summary>None of them is under way.</summary>
    public bool IsQuiet => Interlocked.Read(ref ended) == Begun;

    public string? SiloOf(GrainId grain) => silos.GetValueOrDefault(grain);

    public async Task<T> DuringAsync<T>(Func<Task<T>> work)
    {
        Interlocked.Increment(ref begun);
        try
        {
            return await work();
        }
        finally
        {
            Interlocked.Increment(ref ended);
        }
    }

    /// <summary>Notes every call of a grain. What the engine calls of its own (membership, queues of streams) never comes to rest.</summary>
    public sealed class Filter(Whereabouts whereabouts, ILocalSiloDetails silo) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is not { } grain || !IsOurs(grain.GetType()))
            {
                return context.Invoke();
            }

            whereabouts.silos[context.TargetId] = silo.Name;
            return whereabouts.DuringAsync(async () =>
            {
                await context.Invoke();
                return true;
            });
        }

        private static bool IsOurs(Type grain) => grain.Assembly == typeof(Filter).Assembly || grain.Assembly == typeof(AccessOptions).Assembly;
    }
}
