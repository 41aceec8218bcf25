using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Scheduling;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Accounts;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Faults;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Scenarios;
using Orchestrator.Grains.Simulations;
using Orchestrator.Grains.Telemetry;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orchestrator.Grains.Hosting;

/// <summary>Adds the grains to a silo.</summary>
public static class OrchestratorSiloExtensions
{
    /// <summary>
    /// Adds what the grains need beside storage: call filters, streams, clocks and options, which are read from the silo's configuration and checked before it starts.
    /// A repeat adds nothing.
    /// </summary>
    public static ISiloBuilder AddOrchestrator(this ISiloBuilder builder)
    {
        if (builder.Services.Any(static service => service.ServiceType == typeof(OrchestratorIsAdded)))
        {
            return builder;
        }

        var services = builder.Services;
        services.AddSingleton<OrchestratorIsAdded>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, static (provider, _) => provider.GetRequiredService<TimeProvider>());
        services.TryAddSingleton<TokenVerifier>();
        services.TryAddSingleton<OrchestratorMetrics>();
        services.TryAddSingleton<EventPublisher>();
        services.TryAddSingleton<ICheckpointFiles, UntouchedCheckpointFiles>();
        services.TryAddSingleton<IRunFiles, UntouchedRunFiles>();
        services.TryAddSingleton<SimulationEffects>();
        // Who cannot switch nodes must not plan as if he could.
        services.TryAddSingleton(static provider => provider.GetService<INodeSwitch>() is null ? SchedulerParts.Default with { Power = null } : SchedulerParts.Default);
        services.TryAddSingleton<Func<SchedulingSettings, ISchedulingWorkspace>>(static provider => WorkspacesOf(provider.GetRequiredService<SchedulerParts>()));
        services.TryAddSingleton<PlanRunner>();
        services.TryAddSingleton<IPriorityHook, NoPriorityHook>();
        services.TryAddSingleton<IScenarioJudge, NoScenarioJudge>();
        services.TryAddSingleton<NodeWantedSignal>();
        services.AddGrainOptions<AccessOptions, AccessOptionsValidator>(builder.Configuration, AccessOptions.Section);
        services.AddGrainOptions<SimulationOptions, SimulationOptionsValidator>(builder.Configuration, SimulationOptions.Section);
        services.AddGrainOptions<NodeOptions, NodeOptionsValidator>(builder.Configuration, NodeOptions.Section);
        services.AddGrainOptions<ClusterOptions, ClusterOptionsValidator>(builder.Configuration, ClusterOptions.Section);
        services.AddGrainOptions<ScenarioOptions, ScenarioOptionsValidator>(builder.Configuration, ScenarioOptions.Section);
        services.AddGrainOptions<AccountOptions, AccountOptionsValidator>(builder.Configuration, AccountOptions.Section);

        // The fault filter stands outside, so that no refusal and no fault of the others passes it.
        builder.AddIncomingGrainCallFilter<FaultFilter>();
        builder.AddIncomingGrainCallFilter<AccessFilter>();

        // Streams are addressed to grains by their key, so that no subscription is ever stored.
        builder.AddMemoryStreams(EventStreams.Provider, static streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
        return builder;
    }

    private static void AddGrainOptions<TOptions, TValidator>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>().Bind(configuration.GetSection(section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
    }

    private static Func<SchedulingSettings, ISchedulingWorkspace> WorkspacesOf(SchedulerParts parts) => settings => new SchedulingWorkspace(settings, parts);

    private sealed class OrchestratorIsAdded;
}
