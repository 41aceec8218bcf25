using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Grains.Clusters;

namespace Orchestrator.Silo.Hooks;

internal static class HookExtensions
{
    /// <summary>The hook of the configuration, if it has one.</summary>
    public static void AddHook(this IServiceCollection services, HookOptions options, string dataDirectory)
    {
        if (!options.IsSet)
        {
            return;
        }

        services.AddSingleton<IHookTransport>(_ => string.IsNullOrWhiteSpace(options.Command) ? new UrlTransport(new(options.Url!)) : new CommandTransport(options.Command, dataDirectory));
        services.AddSingleton<IPriorityHook>(provider => new PriorityHook(
            options, provider.GetRequiredService<IHookTransport>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PriorityHook>>()));
    }
}
