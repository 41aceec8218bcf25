using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Scenarios;

namespace Orchestrator.Silo.Hooks;

internal static class HookExtensions
{
    /// <summary>The evaluator of scenarios of the configuration, if it has one.</summary>
    public static void AddScenarioJudge(this IServiceCollection services, string dataDirectory) => services.AddSingleton<IScenarioJudge>(provider => new ScenarioJudge(
        provider.GetRequiredService<IOptions<ScenarioOptions>>().Value, dataDirectory, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ScenarioJudge>>()));

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
