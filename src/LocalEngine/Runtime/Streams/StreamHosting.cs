using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Local;
using Orleans.Streams;

namespace Orleans.Streams
{
    /// <summary>The key of the time provider of streams.</summary>
    public static class StreamingTimeProviderNames
    {
        /// <summary>Streams.</summary>
        public const string Streaming = "Orleans.Streaming";
    }

    /// <summary>Which subscriptions a provider knows.</summary>
    public enum StreamPubSubType
    {
        /// <summary>Those that grains and clients make, and those of grain classes.</summary>
        ExplicitGrainBasedAndImplicit = 0,

        /// <summary>Only those that grains and clients make.</summary>
        ExplicitGrainBasedOnly = 1,

        /// <summary>Only those of grain classes.</summary>
        ImplicitOnly = 2,
    }
}

namespace Orleans.Configuration
{
    /// <summary>How events are brought.</summary>
    public class StreamPullingAgentOptions
    {
        /// <summary>The default of <see cref="GetQueueMsgsTimerPeriod"/>.</summary>
        public static readonly TimeSpan DEFAULT_GET_QUEUE_MESSAGES_TIMER_PERIOD = TimeSpan.FromMilliseconds(100);

        /// <summary>The default of <see cref="MaxEventDeliveryTime"/>.</summary>
        public static readonly TimeSpan DEFAULT_MAX_EVENT_DELIVERY_TIME = TimeSpan.FromMinutes(1);

        /// <summary>How often queues are read. The local engine brings events at once.</summary>
        public TimeSpan GetQueueMsgsTimerPeriod { get; set; } = DEFAULT_GET_QUEUE_MESSAGES_TIMER_PERIOD;

        /// <summary>How long it is tried to bring an event to a consumer that fails.</summary>
        public TimeSpan MaxEventDeliveryTime { get; set; } = DEFAULT_MAX_EVENT_DELIVERY_TIME;
    }

    /// <summary>Over how many queues streams are spread.</summary>
    public class HashRingStreamQueueMapperOptions
    {
        /// <summary>The default of <see cref="TotalQueueCount"/>.</summary>
        public const int DEFAULT_NUM_QUEUES = 8;

        /// <summary>How many. Has no effect in the local engine.</summary>
        public int TotalQueueCount { get; set; } = DEFAULT_NUM_QUEUES;
    }

    /// <summary>Which subscriptions a provider knows.</summary>
    public class StreamPubSubOptions
    {
        /// <summary>The default of <see cref="PubSubType"/>.</summary>
        public const StreamPubSubType DEFAULT_STREAM_PUBSUB_TYPE = StreamPubSubType.ExplicitGrainBasedAndImplicit;

        /// <summary>Which. Has no effect in the local engine, which knows both.</summary>
        public StreamPubSubType PubSubType { get; set; } = DEFAULT_STREAM_PUBSUB_TYPE;
    }
}

namespace Orleans.Hosting
{
    /// <summary>Configures services under a name.</summary>
    public interface INamedServiceConfigurator
    {
        /// <summary>The name.</summary>
        string Name { get; }

        /// <summary>Adds services.</summary>
        Action<Action<IServiceCollection>> ConfigureDelegate { get; }
    }

    /// <summary>Configures a stream provider.</summary>
    public interface IPersistentStreamConfigurator : INamedServiceConfigurator;

    /// <summary>Configures a stream provider of a silo.</summary>
    public interface ISiloPersistentStreamConfigurator : IPersistentStreamConfigurator;

    /// <summary>Configures a stream provider of a silo whose streams can be recovered.</summary>
    public interface ISiloRecoverableStreamConfigurator : ISiloPersistentStreamConfigurator;

    /// <summary>Configures a stream provider of a client.</summary>
    public interface IClusterClientPersistentStreamConfigurator : IPersistentStreamConfigurator;

    /// <summary>Configures streams in memory.</summary>
    public interface IMemoryStreamConfigurator : INamedServiceConfigurator;

    /// <summary>Configures streams in memory of a silo.</summary>
    public interface ISiloMemoryStreamConfigurator : IMemoryStreamConfigurator, ISiloRecoverableStreamConfigurator;

    /// <summary>Configures streams in memory of a client.</summary>
    public interface IClusterClientMemoryStreamConfigurator : IMemoryStreamConfigurator, IClusterClientPersistentStreamConfigurator;

    /// <summary>Options under the name of what is configured.</summary>
    public static class NamedServiceConfiguratorExtensions
    {
        /// <summary>Sets options.</summary>
        public static void Configure<TOptions>(this INamedServiceConfigurator configurator, Action<OptionsBuilder<TOptions>> configureOptions) where TOptions : class, new() =>
            configurator.ConfigureDelegate(services => configureOptions?.Invoke(services.AddOptions<TOptions>(configurator.Name)));
    }

    /// <summary>Partitions of streams in memory.</summary>
    public static class MemoryStreamConfiguratorExtensions
    {
        /// <summary>Sets over how many queues streams are spread.</summary>
        public static void ConfigurePartitioning(this IMemoryStreamConfigurator configurator, int numOfQueues = HashRingStreamQueueMapperOptions.DEFAULT_NUM_QUEUES) =>
            configurator.Configure<HashRingStreamQueueMapperOptions>(options => options.Configure(o => o.TotalQueueCount = numOfQueues));
    }

    /// <summary>Subscriptions of a provider.</summary>
    public static class PersistentStreamConfiguratorExtensions
    {
        /// <summary>Sets which subscriptions the provider knows.</summary>
        public static void ConfigureStreamPubSub(this IPersistentStreamConfigurator configurator, StreamPubSubType pubsubType = StreamPubSubOptions.DEFAULT_STREAM_PUBSUB_TYPE) =>
            configurator.Configure<StreamPubSubOptions>(options => options.Configure(o => o.PubSubType = pubsubType));
    }

    /// <summary>Delivery of a provider.</summary>
    public static class SiloPersistentStreamConfiguratorExtensions
    {
        /// <summary>Sets how events are brought.</summary>
        public static void ConfigurePullingAgent(this ISiloPersistentStreamConfigurator configurator, Action<OptionsBuilder<StreamPullingAgentOptions>>? configureOptions = null) =>
            configurator.Configure<StreamPullingAgentOptions>(options => configureOptions?.Invoke(options));
    }

    /// <summary>Adds streams in memory to a silo.</summary>
    public static class SiloBuilderMemoryStreamExtensions
    {
        /// <summary>Adds a provider.</summary>
        public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
        {
            builder.Services.AddOptions<StreamPullingAgentOptions>();
            builder.Services.TryAddSingleton<StreamAgent>();
            if (!builder.Services.Any(static d => d.IsKeyedService && Equals(d.ServiceKey, typeof(IStreamConsumer))))
            {
                builder.AddGrainExtension<IStreamConsumer, StreamConsumer>();
            }

            MemoryStreamServices.Add(builder.Services, name);
            configure?.Invoke(new MemoryStreamServices.Configurator(builder.Services, name));
            return builder;
        }
    }

    /// <summary>Adds streams to a silo.</summary>
    public static class SiloBuilderStreamingExtensions
    {
        /// <summary>Adds what all providers need.</summary>
        public static ISiloBuilder AddStreaming(this ISiloBuilder builder) => builder;
    }

    /// <summary>Adds streams to a client.</summary>
    public static class ClientBuilderStreamingExtensions
    {
        /// <summary>Adds what all providers need.</summary>
        public static IClientBuilder AddStreaming(this IClientBuilder builder) => builder;

        /// <summary>Adds a provider.</summary>
        public static IClientBuilder AddMemoryStreams(this IClientBuilder builder, string name, Action<IClusterClientMemoryStreamConfigurator>? configure = null)
        {
            MemoryStreamServices.Add(builder.Services, name);
            configure?.Invoke(new MemoryStreamServices.Configurator(builder.Services, name));
            return builder;
        }
    }

    internal static class MemoryStreamServices
    {
        public static void Add(IServiceCollection services, string name) =>
            services.AddKeyedSingleton<IStreamProvider>(name, (provider, key) => new MemoryStreamProvider(provider.GetRequiredService<CallNode>(), (string)key!));

        internal sealed class Configurator(IServiceCollection services, string name) : ISiloMemoryStreamConfigurator, IClusterClientMemoryStreamConfigurator
        {
            public string Name => name;

            public Action<Action<IServiceCollection>> ConfigureDelegate => configure => configure(services);
        }
    }
}
