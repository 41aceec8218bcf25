using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Orleans.TestingHost;

/// <summary>
/// Describes a test cluster: several silos and a client in this process, each with a container of its own. What a test wants to
/// hand to them goes through <see cref="Properties"/> and reaches them as configuration.
/// </summary>
public class TestClusterBuilder
{
    private readonly List<Action<IConfigurationBuilder>> configureHostConfiguration = [];
    private readonly List<Action> configureBuilder = [];
    private Func<string, IConfiguration, Task<SiloHandle>>? createSilo;

    /// <summary>A cluster of two silos.</summary>
    public TestClusterBuilder() : this(2)
    {
    }

    /// <summary>A cluster of so many silos.</summary>
    public TestClusterBuilder(short initialSilosCount)
    {
        Options = new()
        {
            InitialSilosCount = initialSilosCount,
            ClusterId = CreateClusterId(),
            ServiceId = RandomNumberGenerator.GetHexString(32, lowercase: true),
            UseTestClusterMembership = true,
            InitializeClientOnDeploy = true,
            ConfigureFileLogging = true,
            AssumeHomogenousSilosForTesting = true,
        };
        ConfigureBuilder(ConfigureDefaultPorts);
    }

    /// <summary>Gives out port numbers.</summary>
    public ITestClusterPortAllocator PortAllocator { get; set; } = new TestClusterPortAllocator();

    /// <summary>Configuration that every silo and the client see.</summary>
    public Dictionary<string, string?> Properties { get; } = [];

    /// <summary>What the cluster is made of.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>Makes silos otherwise than in this process's usual way.</summary>
    public Func<string, IConfiguration, Task<SiloHandle>> CreateSiloAsync
    {
        set => createSilo = value;
    }

    /// <summary>A name for a cluster that no other has.</summary>
    public static string CreateClusterId() => $"testcluster-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    /// <summary>Does something when the cluster is built, before anything else.</summary>
    public TestClusterBuilder ConfigureBuilder(Action configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureBuilder.Add(configureDelegate);
        return this;
    }

    /// <summary>Adds sources of configuration for every silo and the client.</summary>
    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureHostConfiguration.Add(configureDelegate);
        return this;
    }

    /// <summary>Adds a configurator of silos: an <see cref="ISiloConfigurator"/>, an <see cref="IHostConfigurator"/>, or both.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>() where T : new()
    {
        Options.SiloBuilderConfiguratorTypes.Add(NameOf<T>(typeof(ISiloConfigurator)));
        return this;
    }

    /// <summary>Adds a configurator of the client: an <see cref="IClientBuilderConfigurator"/>, an <see cref="IHostConfigurator"/>, or both.</summary>
    public TestClusterBuilder AddClientBuilderConfigurator<T>() where T : new()
    {
        Options.ClientBuilderConfiguratorTypes.Add(NameOf<T>(typeof(IClientBuilderConfigurator)));
        return this;
    }

    /// <summary>Makes the cluster; <see cref="TestCluster.DeployAsync"/> starts it.</summary>
    public TestCluster Build()
    {
        foreach (var configure in configureBuilder)
        {
            configure();
        }

        var configurationBuilder = new ConfigurationBuilder();
        configurationBuilder.AddInMemoryCollection(Properties);
        configurationBuilder.AddInMemoryCollection(Options.ToDictionary());
        foreach (var configure in configureHostConfiguration)
        {
            configure(configurationBuilder);
        }

        var configuration = configurationBuilder.Build();
        var options = new TestClusterOptions();
        configuration.Bind(options);
        configuration.GetSection("Orleans").Bind(options);
        var cluster = new TestCluster(options, [.. configurationBuilder.Sources], PortAllocator);
        if (createSilo is not null)
        {
            cluster.CreateSiloAsync = createSilo;
        }

        return cluster;
    }

    private static string NameOf<T>(Type contract) =>
        typeof(T).IsAssignableTo(contract) || typeof(T).IsAssignableTo(typeof(IHostConfigurator))
            ? typeof(T).AssemblyQualifiedName!
            : throw new ArgumentException($"The type {typeof(T)} is not assignable to either {contract.Name} or {nameof(IHostConfigurator)}");

    // Three more than silos, for those that a test adds.
    private void ConfigureDefaultPorts()
    {
        var (siloPort, gatewayPort) = PortAllocator.AllocateConsecutivePortPairs(Options.InitialSilosCount + 3);
        Options.BaseSiloPort = Options.BaseSiloPort == 0 ? siloPort : Options.BaseSiloPort;
        Options.BaseGatewayPort = Options.BaseGatewayPort == 0 ? gatewayPort : Options.BaseGatewayPort;
    }
}
