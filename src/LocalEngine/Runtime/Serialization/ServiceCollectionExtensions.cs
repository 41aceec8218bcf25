using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Serialization;

/// <summary>Adds the serializer to a container.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Adds <see cref="DeepCopier"/>. A second call changes nothing.</summary>
    public static IServiceCollection AddSerializer(this IServiceCollection services, Action<ISerializerBuilder>? configure = null)
    {
        services.AddOptions<ExceptionSerializationOptions>();
        services.TryAddSingleton(static _ => new DeepCopier());
        configure?.Invoke(new SerializerBuilder(services));
        return services;
    }

    private sealed class SerializerBuilder(IServiceCollection services) : ISerializerBuilder
    {
        public IServiceCollection Services => services;
    }
}
