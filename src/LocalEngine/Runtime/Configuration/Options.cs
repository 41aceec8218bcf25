using System.Net;

namespace Orleans.Configuration;

/// <summary>Which cluster of which service a silo or client belongs to.</summary>
public class ClusterOptions
{
    /// <summary>The cluster id of a development cluster.</summary>
    public const string DefaultClusterId = "default";

    /// <summary>The service id of a development cluster.</summary>
    public const string DefaultServiceId = "default";

    /// <summary>The cluster: silos that see each other.</summary>
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>The service: what storage and reminders belong to, over all clusters and for ever.</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}

/// <summary>How calls are made.</summary>
public abstract class MessagingOptions
{
    private TimeSpan responseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout
    {
        get => System.Diagnostics.Debugger.IsAttached ? ResponseTimeoutWithDebugger : responseTimeout;
        set => responseTimeout = value;
    }

    /// <summary>The same under a debugger.</summary>
    public TimeSpan ResponseTimeoutWithDebugger { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether calls are dropped that nobody waits for any more.</summary>
    public bool DropExpiredMessages { get; set; } = true;

    /// <summary>Has no effect in the local engine.</summary>
    public int MaxMessageHeaderSize { get; set; } = 10 * 1024 * 1024;

    /// <summary>Has no effect in the local engine.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;

    /// <summary>Whether the callee's token is cancelled when the caller's time is out.</summary>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>Whether a caller that cancels waits for the callee all the same.</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }

    /// <summary>Has no effect in the local engine.</summary>
    public bool CancelUnknownRequestOnStatusUpdate { get; set; }
}

/// <summary>How the calls of silos are made.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>The response time-out between parts of silos. Has no effect in the local engine.</summary>
    public TimeSpan SystemResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is forwarded. Has no effect in the local engine.</summary>
    public int MaxForwardCount { get; set; } = 2;

    /// <summary>Has no effect in the local engine.</summary>
    public TimeSpan MaxRequestProcessingTime { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Has no effect in the local engine.</summary>
    public int MaxEnqueuedRequestsSoftLimit { get; set; }

    /// <summary>Has no effect in the local engine.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}

/// <summary>How the calls of clients are made.</summary>
public class ClientMessagingOptions : MessagingOptions
{
    /// <summary>Has no effect in the local engine.</summary>
    public IPAddress? LocalAddress { get; set; }
}

/// <summary>What a silo is called.</summary>
public class SiloOptions
{
    /// <summary>The name.</summary>
    public string SiloName { get; set; } = "";
}

/// <summary>Where a silo listens. The local engine listens nowhere: these make its address.</summary>
public class EndpointOptions
{
    /// <summary>The usual port between silos.</summary>
    public const int DEFAULT_SILO_PORT = 11111;

    /// <summary>The usual port for clients.</summary>
    public const int DEFAULT_GATEWAY_PORT = 30000;

    /// <summary>The address that others use.</summary>
    public IPAddress? AdvertisedIPAddress { get; set; }

    /// <summary>The port between silos.</summary>
    public int SiloPort { get; set; } = DEFAULT_SILO_PORT;

    /// <summary>The port for clients; 0 for none.</summary>
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;

    /// <summary>Where to listen for silos.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }

    /// <summary>Where to listen for clients.</summary>
    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

/// <summary>When activations end.</summary>
public class GrainCollectionOptions
{
    /// <summary>How often it is looked for idle ones.</summary>
    public static readonly TimeSpan DEFAULT_COLLECTION_QUANTUM = TimeSpan.FromMinutes(1);

    /// <summary>How long a start may take.</summary>
    public static readonly TimeSpan DEFAULT_ACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);

    /// <summary>How long an end may take.</summary>
    public static readonly TimeSpan DEFAULT_DEACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);

    /// <summary>How often it is looked for idle ones.</summary>
    public TimeSpan CollectionQuantum { get; set; } = DEFAULT_COLLECTION_QUANTUM;

    /// <summary>How long a grain stays without calls.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same by the full names of grain classes.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long a start may take.</summary>
    public TimeSpan ActivationTimeout { get; set; } = DEFAULT_ACTIVATION_TIMEOUT;

    /// <summary>How long an end may take.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = DEFAULT_DEACTIVATION_TIMEOUT;
}

/// <summary>Membership. The local engine knows its silos without asking: these have no effect.</summary>
public class ClusterMembershipOptions
{
    /// <summary>How many probes may be missed.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>How many silos probe each.</summary>
    public int NumProbedSilos { get; set; } = 10;

    /// <summary>How many votes declare one dead.</summary>
    public int NumVotesForDeathDeclaration { get; set; } = 2;

    /// <summary>The time between probes.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time between reads of the membership table.</summary>
    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The time between signs of life.</summary>
    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a vote counts.</summary>
    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a silo tries to join.</summary>
    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many signs of life may be missed.</summary>
    public int NumMissedTableIAmAliveLimit { get; set; } = 3;

    /// <summary>Whether a silo that is declared dead is not used.</summary>
    public bool LivenessEnabled { get; set; } = true;

    /// <summary>Whether connections are checked on joining.</summary>
    public bool EnableConnectionLivenessCheck { get; set; } = true;

    /// <summary>Whether silos probe through others.</summary>
    public bool EnableIndirectProbes { get; set; } = true;

    /// <summary>How long dead silos stay in the table.</summary>
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often they are cleaned up.</summary>
    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>A cluster of a developer's machine.</summary>
public class DevelopmentClusterMembershipOptions
{
    /// <summary>The first silo.</summary>
    public IPEndPoint? PrimarySiloEndpoint { get; set; }
}

/// <summary>The gateways of a client.</summary>
public class GatewayOptions
{
    /// <summary>The default of <see cref="PreferredGatewayIndex"/>.</summary>
    public const int DEFAULT_PREFERED_GATEWAY_INDEX = -1;

    /// <summary>The time between looks for gateways. Has no effect in the local engine.</summary>
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The gateway that is preferred. Has no effect in the local engine.</summary>
    public int PreferredGatewayIndex { get; set; } = DEFAULT_PREFERED_GATEWAY_INDEX;
}
