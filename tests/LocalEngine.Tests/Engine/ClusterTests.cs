using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Reminders;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace LocalEngine.Tests.Engine;

/// <summary>Several silos: what a kill takes along, and what goes on elsewhere.</summary>
public sealed class ClusterTests
{
    private static readonly ManualClock ReminderClock = new();
    private static readonly Probe Words = new();

    [Fact]
    public async Task Calls_in_flight_on_a_killed_silo_fail_and_the_grain_comes_up_elsewhere()
    {
        await using var cluster = await DeployAsync();
        var grain = cluster.GrainFactory.GetGrain<IProbeGrain>("s-killed");
        var first = await grain.ActivationAsync();
        (await Words.NextAsync()).ShouldBe("activated s-killed");
        var held = grain.HoldAsync("never");
        (await Words.NextAsync()).ShouldBe("holds never");

        var home = await HomeOfAsync(cluster, grain.GetGrainId());
        await cluster.KillSiloAsync(home);

        await Should.ThrowAsync<SiloUnavailableException>(() => held);
        (await grain.ActivationAsync()).ShouldNotBe(first);
        (await Words.NextAsync()).ShouldBe("activated s-killed");

        // Reminders and events of the dead silo's grains go on at the others.
        await cluster.GrainFactory.GetGrain<IRemindedGrain>("s-killed").ArmAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));
        ReminderClock.Advance(TimeSpan.FromMinutes(2));
        (await Words.NextAsync()).ShouldBe("wake 0");
        await cluster.GrainFactory.GetGrain<IWriterGrain>("s-w").WriteAsync("test-news", "s-killed", 1);
        (await Words.NextAsync()).ShouldBe("subscribed test-news/s-killed");
        (await Words.NextAsync()).ShouldBe("s-killed read 1");
    }

    private static async Task<TestCluster> DeployAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.AddSiloBuilderConfigurator<SiloConfigurator>();
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static async Task<SiloHandle> HomeOfAsync(TestCluster cluster, GrainId grain)
    {
        await Task.Yield();
        return cluster.Silos.Single(silo => cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Homes>().Of.Contains(grain));
    }

    /// <summary>Which grains were called on a silo.</summary>
    private sealed class Homes : IIncomingGrainCallFilter
    {
        public System.Collections.Concurrent.ConcurrentBag<GrainId> Of { get; } = [];

        public Task Invoke(IIncomingGrainCallContext context)
        {
            Of.Add(context.TargetId);
            return context.Invoke();
        }
    }

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.Services.AddSingleton(Words);
            siloBuilder.Services.AddSingleton<Homes>();
            siloBuilder.Services.AddSingleton<IIncomingGrainCallFilter>(static services => services.GetRequiredService<Homes>());
            siloBuilder.Services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, ReminderClock);
            siloBuilder.AddMemoryGrainStorage("main").AddMemoryGrainStorageAsDefault().AddMemoryStreams("test").AddMemoryGrainStorage("PubSubStore").UseInMemoryReminderService();
        }
    }
}
