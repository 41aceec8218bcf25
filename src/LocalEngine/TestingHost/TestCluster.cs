using System.Collections.ObjectModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>
/// Several silos and a client in one process, each with a container of its own. Silos can be stopped (grains are deactivated),
/// killed (activations vanish with their memory; what storage holds stays) and added.
/// </summary>
public class TestCluster : IDisposable, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<SiloHandle> secondaries = [];
    private IHost? clientHost;
    private bool isDisposed;

    /// <summary>Makes a cluster; <see cref="TestClusterBuilder"/> does it more conveniently.</summary>
    public TestCluster(TestClusterOptions options, IReadOnlyList<IConfigurationSource> configurationSources, ITestClusterPortAllocator portAllocator)
    {
        Options = options;
        ConfigurationSources = [.. configurationSources];
        PortAllocator = portAllocator;
        CreateSiloAsync = DefaultCreateSiloAsync;
    }

    /// <summary>The first silo, until it is stopped or killed.</summary>
    public SiloHandle? Primary { get; private set; }

    /// <summary>The other silos that have not been stopped or killed.</summary>
    public IReadOnlyList<SiloHandle> SecondarySilos
    {
        get
        {
            lock (gate)
            {
                return [.. secondaries];
            }
        }
    }

    /// <summary>All silos that have not been stopped or killed, the primary first.</summary>
    public ReadOnlyCollection<SiloHandle> Silos => new([.. Primary is { } primary ? [primary] : Array.Empty<SiloHandle>(), .. SecondarySilos]);

    /// <summary>What the cluster is made of.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>What silos and client are configured from.</summary>
    public IReadOnlyList<IConfigurationSource> ConfigurationSources { get; }

    /// <summary>Gives out port numbers.</summary>
    public ITestClusterPortAllocator PortAllocator { get; }

    /// <summary>The client.</summary>
    public IClusterClient Client => clientHost?.Services.GetRequiredService<IClusterClient>()
        ?? throw new InvalidOperationException("The test cluster client is unavailable because the cluster has not been deployed or has been stopped.");

    /// <summary>Makes references to grains, as the client.</summary>
    public IGrainFactory GrainFactory => Client;

    /// <summary>The client's services; silos have their own.</summary>
    public IServiceProvider ServiceProvider => Client.ServiceProvider;

    /// <summary>How silos are made.</summary>
    public Func<string, IConfiguration, Task<SiloHandle>> CreateSiloAsync { private get; set; }

    /// <summary>The services of a silo: of the given one, else of the first.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
    {
        var handle = Silos.FirstOrDefault(handle => silo is null || handle.SiloAddress.Equals(silo))
            ?? throw new ArgumentException($"The provided silo address '{silo}' is unknown.", nameof(silo));
        return ((InProcessSiloHandle)handle).ServiceProvider;
    }

    /// <summary>Starts silos and client, and waits for them.</summary>
    public void Deploy() => DeployAsync().GetAwaiter().GetResult();

    /// <summary>Starts silos and client. When one does not start, all are stopped.</summary>
    public async Task DeployAsync()
    {
        if (Primary is not null || SecondarySilos.Count > 0)
        {
            throw new InvalidOperationException("Cluster host already deployed.");
        }

        try
        {
            var silosToStart = (int)Options.InitialSilosCount;
            if (Options.UseTestClusterMembership)
            {
                Primary = await StartSiloAsync(0, Options).ConfigureAwait(false);
                silosToStart--;
            }

            await StartAdditionalSilosAsync(silosToStart).ConfigureAwait(false);
            if (Options.InitializeClientOnDeploy)
            {
                await InitializeClientAsync().ConfigureAwait(false);
            }
        }
        catch
        {
            await StopAllSilosAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the client anew.</summary>
    public async Task InitializeClientAsync()
    {
        await StopClusterClientAsync().ConfigureAwait(false);
        var host = TestClusterHostFactory.CreateClusterClient("MainClient", Configuration(ConfigurationSources));
        try
        {
            await host.StartAsync().ConfigureAwait(false);
            clientHost = host;
        }
        catch
        {
            await InProcessSiloHandle.DisposeHostAsync(host).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The silos that run.</summary>
    public IEnumerable<SiloHandle> GetActiveSilos() => Silos.Where(static silo => silo.IsActive);

    /// <summary>The running silo with an address, or null.</summary>
    public SiloHandle? GetSiloForAddress(SiloAddress siloAddress) => GetActiveSilos().FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    /// <summary>
    /// Waits until all silos know who is left. Silos of the local engine share one list of members, which is right as soon as a
    /// silo was stopped, killed or started: there is nothing to wait for.
    /// </summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => Task.CompletedTask;

    /// <summary>Starts one more silo, and waits for it.</summary>
    public SiloHandle StartAdditionalSilo(bool startAdditionalSiloOnNewPort = false) => StartAdditionalSiloAsync(startAdditionalSiloOnNewPort).GetAwaiter().GetResult();

    /// <summary>Starts one more silo.</summary>
    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false) =>
        (await StartAdditionalSilosAsync(1, startAdditionalSiloOnNewPort).ConfigureAwait(false)).Single();

    /// <summary>Starts more silos.</summary>
    public async Task<List<SiloHandle>> StartAdditionalSilosAsync(int silosToStart, bool startAdditionalSiloOnNewPort = false)
    {
        var started = new List<SiloHandle>();
        for (var count = 0; count < silosToStart; count++)
        {
            var silo = await StartSiloAsync(FreeInstanceNumber(), Options, startSiloOnNewPort: startAdditionalSiloOnNewPort).ConfigureAwait(false);
            Add(silo);
            started.Add(silo);
        }

        return started;
    }

    /// <summary>Starts a silo with a number and adds it to a cluster.</summary>
    public static async Task<SiloHandle> StartSiloAsync(
        TestCluster cluster, int instanceNumber, TestClusterOptions clusterOptions, IReadOnlyList<IConfigurationSource>? configurationOverrides = null, bool startSiloOnNewPort = false)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var silo = await cluster.StartSiloAsync(instanceNumber, clusterOptions, configurationOverrides, startSiloOnNewPort).ConfigureAwait(false);
        cluster.Add(silo);
        return silo;
    }

    /// <summary>Starts a silo with a number.</summary>
    public async Task<SiloHandle> StartSiloAsync(
        int instanceNumber, TestClusterOptions clusterOptions, IReadOnlyList<IConfigurationSource>? configurationOverrides = null, bool startSiloOnNewPort = false)
    {
        var specific = TestSiloSpecificOptions.Create(this, clusterOptions, instanceNumber, startSiloOnNewPort);
        var configuration = Configuration([.. ConfigurationSources, .. configurationOverrides ?? [], new MemoryConfigurationSource { InitialData = specific.ToDictionary() }]);
        var silo = await CreateSiloAsync(specific.SiloName, configuration).ConfigureAwait(false);
        silo.InstanceNumber = (short)instanceNumber;
        silo.ClusterOptions = clusterOptions;
        return silo;
    }

    /// <summary>Makes a silo in this process.</summary>
    public async Task<SiloHandle> DefaultCreateSiloAsync(string siloName, IConfiguration configuration) =>
        await InProcessSiloHandle.CreateAsync(siloName, configuration).ConfigureAwait(false);

    /// <summary>Stops a silo gracefully: its grains are deactivated.</summary>
    public Task StopSiloAsync(SiloHandle instance) => RemoveAsync(instance, stopGracefully: true);

    /// <summary>Kills a silo: its activations vanish, nothing is deactivated, calls to them fail.</summary>
    public Task KillSiloAsync(SiloHandle instance) => RemoveAsync(instance, stopGracefully: false);

    /// <summary>Stops a silo and starts one with its number and name.</summary>
    public async Task<SiloHandle?> RestartSiloAsync(SiloHandle instance)
    {
        if (instance is null)
        {
            return null;
        }

        var wasPrimary = instance == Primary;
        await StopSiloAsync(instance).ConfigureAwait(false);
        var silo = await StartSiloAsync(instance.InstanceNumber, Options).ConfigureAwait(false);
        if (wasPrimary)
        {
            Primary = silo;
        }
        else
        {
            Add(silo);
        }

        return silo;
    }

    /// <summary>Stops all silos but the primary.</summary>
    public async Task StopSecondarySilosAsync()
    {
        foreach (var silo in SecondarySilos)
        {
            await StopSiloAsync(silo).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the client and the primary silo.</summary>
    public async Task StopPrimarySiloAsync()
    {
        var primary = Primary ?? throw new InvalidOperationException("There is no primary silo");
        await StopClusterClientAsync().ConfigureAwait(false);
        await StopSiloAsync(primary).ConfigureAwait(false);
    }

    /// <summary>Stops the client and all silos, and waits for them.</summary>
    public void StopAllSilos() => StopAllSilosAsync().GetAwaiter().GetResult();

    /// <summary>Stops the client and all silos.</summary>
    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync().ConfigureAwait(false);
        await StopSecondarySilosAsync().ConfigureAwait(false);
        if (Primary is { } primary)
        {
            await StopSiloAsync(primary).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the client.</summary>
    public Task StopClusterClientAsync() => StopClientAsync(CancellationToken.None);

    /// <summary>Stops the client without waiting for what it has under way.</summary>
    public Task KillClientAsync() => StopClientAsync(new CancellationToken(canceled: true));

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!isDisposed)
        {
            isDisposed = true;
            await StopAllSilosAsync().ConfigureAwait(false);
            PortAllocator.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private static IConfiguration Configuration(IEnumerable<IConfigurationSource> sources)
    {
        var builder = new ConfigurationBuilder();
        foreach (var source in sources)
        {
            builder.Add(source);
        }

        return builder.Build();
    }

    // The primary's number stays its own: it may be restarted.
    private int FreeInstanceNumber()
    {
        var taken = SecondarySilos.Select(static silo => (int)silo.InstanceNumber).ToHashSet();
        var number = Options.UseTestClusterMembership ? 1 : 0;
        while (taken.Contains(number))
        {
            number++;
        }

        return number;
    }

    private void Add(SiloHandle silo)
    {
        lock (gate)
        {
            secondaries.Add(silo);
        }
    }

    private async Task RemoveAsync(SiloHandle? instance, bool stopGracefully)
    {
        if (instance is null)
        {
            return;
        }

        try
        {
            await instance.StopSiloAsync(stopGracefully).ConfigureAwait(false);
        }
        finally
        {
            await instance.DisposeAsync().ConfigureAwait(false);
            if (instance == Primary)
            {
                Primary = null;
            }
            else
            {
                lock (gate)
                {
                    secondaries.Remove(instance);
                }
            }
        }
    }

    private async Task StopClientAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref clientHost, null) is { } host)
        {
            try
            {
                await host.StopAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await InProcessSiloHandle.DisposeHostAsync(host).ConfigureAwait(false);
            }
        }
    }
}
