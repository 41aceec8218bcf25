using System.Net;
using System.Net.Sockets;

namespace Orleans
{
    /// <summary>Refuses a configuration before anything starts.</summary>
    public interface IConfigurationValidator
    {
        /// <exception cref="Runtime.OrleansConfigurationException">The configuration does not hold.</exception>
        void ValidateConfiguration();
    }

    /// <summary>The stages of a silo's start, in rising order; it stops in the other direction.</summary>
    public static class ServiceLifecycleStage
    {
        /// <summary>First.</summary>
        public const int First = int.MinValue;

        /// <summary>The runtime is set up.</summary>
        public const int RuntimeInitialize = 2_000;

        /// <summary>The runtime's services start.</summary>
        public const int RuntimeServices = 4_000;

        /// <summary>The runtime's storage opens.</summary>
        public const int RuntimeStorageServices = 6_000;

        /// <summary>The runtime's grains start.</summary>
        public const int RuntimeGrainServices = 8_000;

        /// <summary>They have started.</summary>
        public const int AfterRuntimeGrainServices = 8_100;

        /// <summary>The application's services start.</summary>
        public const int ApplicationServices = 10_000;

        /// <summary>The silo sees whether it reaches the others.</summary>
        public const int ValidateInitialConnectivity = Active - 100;

        /// <summary>On the way down: the directory ends.</summary>
        public const int GrainDirectoryShutdown = GrainDeactivation - 1;

        /// <summary>On the way down: grains are deactivated.</summary>
        public const int GrainDeactivation = BecomeActive - 1;

        /// <summary>The silo joins.</summary>
        public const int BecomeActive = Active - 1;

        /// <summary>The silo takes calls.</summary>
        public const int Active = 20_000;

        /// <summary>Last.</summary>
        public const int Last = int.MaxValue;
    }
}

namespace Orleans.Configuration
{
    /// <summary>Which cluster a silo or client belongs to.</summary>
    public class ClusterOptions
    {
        /// <summary>The cluster when none is named.</summary>
        public const string DefaultClusterId = "default";

        /// <summary>The service when none is named.</summary>
        public const string DefaultServiceId = "default";

        /// <summary>The cluster: silos of one process with the same name find each other.</summary>
        public string ClusterId { get; set; } = DefaultClusterId;

        /// <summary>The deployment, for ever: stored rows carry it.</summary>
        public string ServiceId { get; set; } = DefaultServiceId;
    }

    /// <summary>The silo's own name.</summary>
    public class SiloOptions
    {
        /// <summary>The name; made up when none is given.</summary>
        public string SiloName { get; set; } = "";
    }

    /// <summary>The addresses of a silo. Nothing listens there: they are names.</summary>
    public class EndpointOptions
    {
        /// <summary>The port when none is given.</summary>
        public const int DEFAULT_SILO_PORT = 11111;

        /// <summary>The gateway port when none is given.</summary>
        public const int DEFAULT_GATEWAY_PORT = 30000;

        /// <summary>The address that others are told.</summary>
        public IPAddress? AdvertisedIPAddress { get; set; }

        /// <summary>The silo's port.</summary>
        public int SiloPort { get; set; } = DEFAULT_SILO_PORT;

        /// <summary>The gateway's port, 0 for none.</summary>
        public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;

        /// <summary>Of Orleans: where it listens.</summary>
        public IPEndPoint? SiloListeningEndpoint { get; set; }

        /// <summary>Of Orleans: where its gateway listens.</summary>
        public IPEndPoint? GatewayListeningEndpoint { get; set; }
    }

    /// <summary>How calls travel.</summary>
    public abstract class MessagingOptions
    {
        /// <summary>How long a caller waits; 30 seconds.</summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>The same under a debugger.</summary>
        public TimeSpan ResponseTimeoutWithDebugger { get; set; } = TimeSpan.FromMinutes(30);

        /// <summary>Whether calls that nobody waits for any more are dropped unrun.</summary>
        public bool DropExpiredMessages { get; set; } = true;

        /// <summary>Whether a time-out cancels the callee's token.</summary>
        public bool CancelRequestOnTimeout { get; set; } = true;
    }

    /// <summary>How a silo's calls travel.</summary>
    public class SiloMessagingOptions : MessagingOptions
    {
        /// <summary>How many calls may wait at one activation; 0: no bound.</summary>
        public int MaxEnqueuedRequestsHardLimit { get; set; }

        /// <summary>After how long a turn is reported as stuck.</summary>
        public TimeSpan MaxRequestProcessingTime { get; set; } = TimeSpan.FromHours(2);
    }

    /// <summary>How a client's calls travel.</summary>
    public class ClientMessagingOptions : MessagingOptions
    {
        /// <summary>Of Orleans: the address family of connections.</summary>
        public AddressFamily PreferredFamily { get; set; } = AddressFamily.InterNetwork;
    }

    /// <summary>When idle grains are deactivated.</summary>
    public class GrainCollectionOptions
    {
        /// <summary>How often idle grains are looked for; a minute.</summary>
        public static readonly TimeSpan DEFAULT_COLLECTION_QUANTUM = TimeSpan.FromMinutes(1);

        /// <summary>How long an activation may take; 30 seconds.</summary>
        public static readonly TimeSpan DEFAULT_ACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);

        /// <summary>How long a deactivation may take; 30 seconds.</summary>
        public static readonly TimeSpan DEFAULT_DEACTIVATION_TIMEOUT = TimeSpan.FromSeconds(30);

        /// <summary>After how long without calls a grain is deactivated; 15 minutes.</summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>How often idle grains are looked for.</summary>
        public TimeSpan CollectionQuantum { get; set; } = DEFAULT_COLLECTION_QUANTUM;

        /// <summary>The age of single grain classes, by full name.</summary>
        public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

        /// <summary>How long an activation may take.</summary>
        public TimeSpan ActivationTimeout { get; set; } = DEFAULT_ACTIVATION_TIMEOUT;

        /// <summary>How long a deactivation may take.</summary>
        public TimeSpan DeactivationTimeout { get; set; } = DEFAULT_DEACTIVATION_TIMEOUT;
    }

    /// <summary>How silos watch each other. The local engine knows at once who is gone, and keeps the values only.</summary>
    public class ClusterMembershipOptions
    {
        /// <summary>After how many missed probes a silo is suspected.</summary>
        public int NumMissedProbesLimit { get; set; } = 3;

        /// <summary>How long a probe is waited for.</summary>
        public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

        /// <summary>How often the table is read.</summary>
        public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

        /// <summary>How often a silo says that it lives.</summary>
        public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>How many silos watch one.</summary>
        public int NumProbedSilos { get; set; } = 10;

        /// <summary>How many votes declare a silo dead.</summary>
        public int NumVotesForDeathDeclaration { get; set; } = 2;

        /// <summary>How long a vote counts.</summary>
        public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromSeconds(120);

        /// <summary>How long a silo tries to join.</summary>
        public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);
    }
}

namespace Orleans.Runtime
{
    /// <summary>Keys of the clocks that can be replaced in a container.</summary>
    public static class TimeProviderNames
    {
        /// <summary>Grain timers.</summary>
        public const string Grains = "Orleans.Grains";

        /// <summary>Time-outs of calls.</summary>
        public const string Messaging = "Orleans.Messaging";

        /// <summary>The runtime's own timers.</summary>
        public const string SystemTimers = "Orleans.SystemTimers";

        /// <summary>Membership.</summary>
        public const string Membership = "Orleans.Membership";

        /// <summary>Idle activations.</summary>
        public const string ActivationManagement = "Orleans.ActivationManagement";

        /// <summary>The grain directory.</summary>
        public const string GrainDirectory = "Orleans.GrainDirectory";
    }

    /// <summary>What a silo is called.</summary>
    public interface ILocalSiloDetails
    {
        /// <summary>Its name.</summary>
        string Name { get; }

        /// <summary>Its cluster.</summary>
        string ClusterId { get; }

        /// <summary>Its host.</summary>
        string DnsHostName { get; }

        /// <summary>Its address.</summary>
        SiloAddress SiloAddress { get; }

        /// <summary>Its gateway's address.</summary>
        SiloAddress GatewayAddress { get; }
    }

    /// <summary>Something to do while a silo starts.</summary>
    public interface IStartupTask
    {
        /// <summary>Does it; a failure fails the start.</summary>
        Task Execute(CancellationToken cancellationToken);
    }
}

namespace Orleans.Reminders
{
    /// <summary>Keys of the clocks that can be replaced in a container.</summary>
    public static class ReminderTimeProviderNames
    {
        /// <summary>Reminders.</summary>
        public const string Reminders = "Orleans.Reminders";
    }
}
