using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What a silo is called and where it is.</summary>
    public interface ILocalSiloDetails
    {
        /// <summary>The silo's name.</summary>
        string Name { get; }

        /// <summary>The cluster.</summary>
        string ClusterId { get; }

        /// <summary>The host's name.</summary>
        string DnsHostName { get; }

        /// <summary>The silo's address.</summary>
        SiloAddress SiloAddress { get; }

        /// <summary>The address for clients.</summary>
        SiloAddress GatewayAddress { get; }
    }

    /// <summary>The state of a silo.</summary>
    public enum SiloStatus
    {
        /// <summary>Unknown.</summary>
        None = 0,

        /// <summary>It was made.</summary>
        Created = 1,

        /// <summary>It joins.</summary>
        Joining = 2,

        /// <summary>It takes calls.</summary>
        Active = 3,

        /// <summary>It stops gracefully.</summary>
        ShuttingDown = 4,

        /// <summary>It stops.</summary>
        Stopping = 5,

        /// <summary>It is gone.</summary>
        Dead = 6,
    }

    /// <summary>Keys of the time providers that the runtime uses; the unkeyed one, or the system's, stands in.</summary>
    public static class TimeProviderNames
    {
        /// <summary>Timers of grains.</summary>
        public const string Grains = "Orleans.Grains";

        /// <summary>Time-outs of calls.</summary>
        public const string Messaging = "Orleans.Messaging";

        /// <summary>Timers of the runtime.</summary>
        public const string SystemTimers = "Orleans.SystemTimers";

        /// <summary>Membership.</summary>
        public const string Membership = "Orleans.Membership";

        /// <summary>Idle deactivation.</summary>
        public const string ActivationManagement = "Orleans.ActivationManagement";

        /// <summary>The grain directory.</summary>
        public const string GrainDirectory = "Orleans.GrainDirectory";
    }

    /// <summary>Runs once when the silo has started.</summary>
    public interface IStartupTask
    {
        /// <summary>Runs.</summary>
        Task Execute(CancellationToken cancellationToken);
    }

    /// <summary>The stages of a silo's start and stop.</summary>
    public interface ISiloLifecycle : ILifecycleObservable
    {
        /// <summary>The highest stage that has started.</summary>
        int HighestCompletedStage { get; }

        /// <summary>The lowest stage that has stopped.</summary>
        int LowestStoppedStage { get; }
    }
}

namespace Orleans
{
    /// <summary>Makes references for what is not a grain.</summary>
    public interface IClusterClient : IGrainFactory
    {
        /// <summary>The services of the silo or client.</summary>
        IServiceProvider ServiceProvider { get; }
    }

    /// <summary>The stages of a client's start and stop.</summary>
    public interface IClusterClientLifecycle : ILifecycleObservable;

    /// <summary>Refuses wrong options before the silo or client starts.</summary>
    public interface IConfigurationValidator
    {
        /// <summary>Checks.</summary>
        /// <exception cref="OrleansConfigurationException">Something is wrong.</exception>
        void ValidateConfiguration();
    }

    /// <summary>Tasks that nobody waits for.</summary>
    public static class PublicOrleansTaskExtensions
    {
        /// <summary>Lets go of a task; its error counts as seen.</summary>
        public static void Ignore(this Task task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                _ = task.ContinueWith(
                    static t => _ = t.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }
}
