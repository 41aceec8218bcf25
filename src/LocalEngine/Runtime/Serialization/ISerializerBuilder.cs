using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Serialization;

/// <summary>Where the serializer is configured.</summary>
public interface ISerializerBuilder
{
    /// <summary>The services that the serializer is made of.</summary>
    IServiceCollection Services { get; }
}
