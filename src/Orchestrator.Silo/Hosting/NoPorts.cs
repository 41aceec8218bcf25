using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Silo;

/// <summary>
/// Keeps the engine from listening. A silo on SQLite is alone and calls itself in memory, yet Orleans would open its port between silos, on which whoever reaches it is
/// believed; on a login node that is everybody.
/// </summary>
internal sealed class NoPorts : IConnectionListenerFactory
{
    /// <summary>Replaces the listeners that the engine registered.</summary>
    public static void Apply(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: true } service && service.ServiceType == typeof(IConnectionListenerFactory))
            {
                services[i] = ServiceDescriptor.KeyedSingleton<IConnectionListenerFactory>(service.ServiceKey, new NoPorts());
            }
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new Deaf(endpoint));

    private sealed class Deaf(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await end.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            end.TrySetResult(null);
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
