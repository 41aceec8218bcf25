using LocalEngine.Tests.AdoNet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace LocalEngine.Tests.TestingHost;

/// <summary>Several silos in this process: what they share, and what goes with one of them.</summary>
public sealed class TestClusterTests
{
    [Fact]
    public async Task Silos_and_client_have_containers_of_their_own_and_see_the_properties()
    {
        await using var cluster = await DeployAsync();

        cluster.Silos.Count.ShouldBe(2);
        cluster.Primary.ShouldNotBeNull().Name.ShouldBe("Primary");
        cluster.SecondarySilos.ShouldHaveSingleItem().Name.ShouldBe("Secondary_1");
        var departures = cluster.Silos.Select(silo => cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Departures>()).ToList();
        departures.Distinct().Count().ShouldBe(2);
        cluster.ServiceProvider.GetService<Departures>().ShouldBeNull();
        cluster.ServiceProvider.GetRequiredService<IConfiguration>()["greeting"].ShouldBe("hello");
        cluster.ServiceProvider.GetRequiredService<HostWasConfigured>().ShouldNotBeNull();
        (await cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1").VisitAsync()).Greeting.ShouldBe("hello");
    }

    [Fact]
    public async Task Grains_live_on_every_silo_and_are_one_wherever_they_are_called_from()
    {
        await using var cluster = await DeployAsync();
        var silos = new HashSet<string>();

        for (var number = 0; number < 40; number++)
        {
            var first = await cluster.GrainFactory.GetGrain<IVisitorsGrain>($"s-{number}").VisitAsync();
            var second = await cluster.GrainFactory.GetGrain<IVisitorsGrain>($"s-{number}").VisitAsync();
            second.Silo.ShouldBe(first.Silo);
            second.InMemory.ShouldBe(2);
            silos.Add(first.Silo);
        }

        silos.ShouldBe(cluster.Silos.Select(static silo => silo.SiloAddress.ToString()), ignoreOrder: true);
    }

    [Fact]
    public async Task A_killed_silo_takes_its_activations_along_and_storage_stays()
    {
        await using var cluster = await DeployAsync();
        var grain = cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1");
        await grain.VisitAsync();
        var before = await grain.VisitAsync();
        var home = cluster.Silos.Single(silo => silo.SiloAddress.ToString() == before.Silo);
        var departures = cluster.GetSiloServiceProvider(home.SiloAddress).GetRequiredService<Departures>();

        await cluster.KillSiloAsync(home);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        var after = await grain.VisitAsync();

        departures.Keys.ShouldBeEmpty();
        home.IsActive.ShouldBeFalse();
        cluster.Silos.ShouldHaveSingleItem();
        after.Silo.ShouldNotBe(before.Silo);
        after.InMemory.ShouldBe(1);
        after.Stored.ShouldBe(3);
    }

    [Fact]
    public async Task A_stopped_silo_deactivates_its_grains()
    {
        await using var cluster = await DeployAsync();
        var before = await cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1").VisitAsync();
        var home = cluster.Silos.Single(silo => silo.SiloAddress.ToString() == before.Silo);
        var departures = cluster.GetSiloServiceProvider(home.SiloAddress).GetRequiredService<Departures>();

        await cluster.StopSiloAsync(home);

        departures.Keys.ShouldBe(["s-1"]);
    }

    [Fact]
    public async Task Silos_are_added_and_restarted()
    {
        await using var cluster = await DeployAsync();

        var added = await cluster.StartAdditionalSiloAsync();
        var old = cluster.Primary.ShouldNotBeNull();
        var restarted = await cluster.RestartSiloAsync(old);

        added.Name.ShouldBe("Secondary_2");
        cluster.Silos.Count.ShouldBe(3);
        cluster.Primary.ShouldBeSameAs(restarted);
        restarted.ShouldNotBeNull().SiloAddress.ShouldNotBe(old.SiloAddress);
        (await cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1").VisitAsync()).Stored.ShouldBe(1);
    }

    [Fact]
    public async Task A_new_client_finds_the_grains_of_the_old_one()
    {
        await using var cluster = await DeployAsync();
        await cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1").VisitAsync();

        await cluster.KillClientAsync();
        Should.Throw<InvalidOperationException>(() => cluster.Client);
        await cluster.InitializeClientAsync();

        (await cluster.GrainFactory.GetGrain<IVisitorsGrain>("s-1").VisitAsync()).InMemory.ShouldBe(2);
    }

    [Fact]
    public void A_configurator_must_be_one() =>
        Should.Throw<ArgumentException>(() => new TestClusterBuilder().AddSiloBuilderConfigurator<TestClusterTests>()).Message.ShouldContain(nameof(ISiloConfigurator));

    private static async Task<TestCluster> DeployAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.Properties["greeting"] = "hello";
        builder.Properties["database"] = await OrleansDatabase.CreateAsync(TestContext.Current.CancellationToken);
        builder.AddSiloBuilderConfigurator<SiloConfigurator>();
        builder.AddClientBuilderConfigurator<ClientConfigurator>();
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private sealed class HostWasConfigured;

    private sealed class SiloConfigurator : ISiloConfigurator, IHostConfigurator
    {
        public void Configure(IHostBuilder hostBuilder) => hostBuilder.ConfigureServices(static services => services.AddSingleton<Departures>());

        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddAdoNetGrainStorage("main", options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = siloBuilder.Configuration["database"];
            options.GrainStorageSerializer = new JsonSerializer();
        });
    }

    private sealed class ClientConfigurator : IHostConfigurator, IClientBuilderConfigurator
    {
        public void Configure(IHostBuilder hostBuilder) => hostBuilder.GetConfigurationValue("greeting").ShouldBe("hello");

        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.Services.AddSingleton<HostWasConfigured>();
    }

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => System.Text.Json.JsonSerializer.Deserialize<T>(input)!;
    }
}
