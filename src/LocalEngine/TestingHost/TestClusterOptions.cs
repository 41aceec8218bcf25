using System.Globalization;
using System.Net;

namespace Orleans.TestingHost;

/// <summary>How silos and client of a test cluster talk. The local engine has one way only, and takes every choice for it.</summary>
public enum ConnectionTransportType
{
    /// <summary>TCP, in Orleans.</summary>
    TcpSocket = 0,

    /// <summary>Memory.</summary>
    InMemory = 1,

    /// <summary>Unix sockets, in Orleans.</summary>
    UnixSocket = 2,
}

/// <summary>What a test cluster is made of. It reaches the silos as configuration.</summary>
public class TestClusterOptions
{
    /// <summary>The cluster's name.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>The deployment's name, which storage rows carry: equal over restarts that shall find each other's state.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>The port of the first silo; the others count on.</summary>
    public int BaseSiloPort { get; set; }

    /// <summary>The gateway port of the first silo; the others count on.</summary>
    public int BaseGatewayPort { get; set; }

    /// <summary>Whether the first silo is the primary one.</summary>
    public bool UseTestClusterMembership { get; set; }

    /// <summary>Of Orleans; the local engine takes no statistics.</summary>
    public bool UseRealEnvironmentStatistics { get; set; }

    /// <summary>Whether a client is started with the cluster.</summary>
    public bool InitializeClientOnDeploy { get; set; }

    /// <summary>How many silos the cluster starts with.</summary>
    public short InitialSilosCount { get; set; }

    /// <summary>Of Orleans; silos of the local engine are all in this process.</summary>
    public string? ApplicationBaseDirectory { get; set; }

    /// <summary>Of Orleans; the local engine writes no log files.</summary>
    public bool ConfigureFileLogging { get; set; } = true;

    /// <summary>Of Orleans; silos of the local engine always know the same grains.</summary>
    public bool AssumeHomogenousSilosForTesting { get; set; }

    /// <summary>Whether every silo has a gateway, or only the first.</summary>
    public bool GatewayPerSilo { get; set; } = true;

    /// <summary>The configurators of silos, by assembly-qualified name.</summary>
    public List<string> SiloBuilderConfiguratorTypes { get; } = [];

    /// <summary>The configurators of clients, by assembly-qualified name.</summary>
    public List<string> ClientBuilderConfiguratorTypes { get; } = [];

    /// <summary>How silos and client talk.</summary>
    public ConnectionTransportType ConnectionTransport { get; set; } = ConnectionTransportType.InMemory;

    /// <summary>The options as configuration, in Orleans' keys.</summary>
    public Dictionary<string, string?> ToDictionary()
    {
        var result = new Dictionary<string, string?>
        {
            [$"Orleans:{nameof(ClusterId)}"] = ClusterId,
            [$"Orleans:{nameof(ServiceId)}"] = ServiceId,
            [nameof(BaseSiloPort)] = BaseSiloPort.ToString(CultureInfo.InvariantCulture),
            [nameof(BaseGatewayPort)] = BaseGatewayPort.ToString(CultureInfo.InvariantCulture),
            [nameof(UseTestClusterMembership)] = UseTestClusterMembership.ToString(),
            [nameof(UseRealEnvironmentStatistics)] = UseRealEnvironmentStatistics.ToString(),
            [nameof(InitializeClientOnDeploy)] = InitializeClientOnDeploy.ToString(),
            [nameof(InitialSilosCount)] = InitialSilosCount.ToString(CultureInfo.InvariantCulture),
            [nameof(ApplicationBaseDirectory)] = ApplicationBaseDirectory,
            [nameof(ConfigureFileLogging)] = ConfigureFileLogging.ToString(),
            [nameof(AssumeHomogenousSilosForTesting)] = AssumeHomogenousSilosForTesting.ToString(),
            [nameof(GatewayPerSilo)] = GatewayPerSilo.ToString(),
            [nameof(ConnectionTransport)] = ConnectionTransport.ToString(),
        };
        if (UseTestClusterMembership)
        {
            result["Orleans:Clustering:ProviderType"] = "Development";
        }

        for (var index = 0; index < SiloBuilderConfiguratorTypes.Count; index++)
        {
            result[$"{nameof(SiloBuilderConfiguratorTypes)}:{index}"] = SiloBuilderConfiguratorTypes[index];
        }

        for (var index = 0; index < ClientBuilderConfiguratorTypes.Count; index++)
        {
            result[$"{nameof(ClientBuilderConfiguratorTypes)}:{index}"] = ClientBuilderConfiguratorTypes[index];
        }

        return result;
    }
}

/// <summary>What differs between the silos of a test cluster.</summary>
public class TestSiloSpecificOptions
{
    private const string PrimarySiloName = "Primary";

    /// <summary>The silo's port.</summary>
    public int SiloPort { get; set; }

    /// <summary>The port of its gateway, or 0 for none.</summary>
    public int GatewayPort { get; set; }

    /// <summary>Its name: <c>Primary</c>, or <c>Secondary_1</c> and so on.</summary>
    public string SiloName { get; set; } = "";

    /// <summary>Where the primary silo is, or null.</summary>
    public IPEndPoint? PrimarySiloEndPoint { get; set; }

    /// <summary>The options of one silo.</summary>
    public static TestSiloSpecificOptions Create(TestCluster testCluster, TestClusterOptions testClusterOptions, int instanceNumber, bool assignNewPort = false)
    {
        var (siloPort, gatewayPort) = assignNewPort
            ? testCluster.PortAllocator.AllocateConsecutivePortPairs(1)
            : (testClusterOptions.BaseSiloPort + instanceNumber, testClusterOptions.BaseGatewayPort + instanceNumber);
        return new()
        {
            SiloName = testClusterOptions.UseTestClusterMembership && instanceNumber == 0 ? PrimarySiloName : $"Secondary_{instanceNumber}",
            PrimarySiloEndPoint = testClusterOptions.UseTestClusterMembership ? new(IPAddress.Loopback, testClusterOptions.BaseSiloPort) : null,
            SiloPort = siloPort,
            GatewayPort = instanceNumber == 0 || testClusterOptions.GatewayPerSilo ? gatewayPort : 0,
        };
    }

    /// <summary>The options as configuration, in Orleans' keys.</summary>
    public Dictionary<string, string?> ToDictionary()
    {
        var result = new Dictionary<string, string?>
        {
            ["Orleans:Endpoints:AdvertisedIPAddress"] = IPAddress.Loopback.ToString(),
            [$"Orleans:Endpoints:{nameof(SiloPort)}"] = SiloPort.ToString(CultureInfo.InvariantCulture),
            [$"Orleans:Endpoints:{nameof(GatewayPort)}"] = GatewayPort.ToString(CultureInfo.InvariantCulture),
            ["Orleans:Name"] = SiloName,
        };
        if (PrimarySiloEndPoint is not null)
        {
            result[$"Orleans:Clustering:{nameof(PrimarySiloEndPoint)}"] = PrimarySiloEndPoint.ToString();
        }

        return result;
    }
}
