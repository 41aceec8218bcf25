using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Turns states into bytes and back.</summary>
public interface IGrainStorageSerializer
{
    /// <summary>The bytes of a state.</summary>
    BinaryData Serialize<T>(T? input);

    /// <summary>The state of bytes.</summary>
    T? Deserialize<T>(BinaryData input);
}

/// <summary>Reads states from bytes.</summary>
public static class GrainStorageSerializerExtensions
{
    /// <summary>The state of bytes.</summary>
    public static T? Deserialize<T>(this IGrainStorageSerializer serializer, ReadOnlyMemory<byte> input) => serializer.Deserialize<T>(new BinaryData(input));
}

/// <summary>Options of a storage that serializes states.</summary>
public interface IStorageProviderSerializerOptions
{
    /// <summary>The serializer.</summary>
    IGrainStorageSerializer GrainStorageSerializer { get; set; }
}

/// <summary>Sets the serializer of a storage that has none: the one of the storage's name, else the silo's.</summary>
public class DefaultStorageProviderSerializerOptionsConfigurator<TOptions>(IServiceProvider serviceProvider) : IPostConfigureOptions<TOptions>
    where TOptions : class, IStorageProviderSerializerOptions
{
    /// <inheritdoc />
    public void PostConfigure(string? name, TOptions options) => options.GrainStorageSerializer ??=
        (name is null ? null : serviceProvider.GetKeyedService<IGrainStorageSerializer>(name)) ?? serviceProvider.GetRequiredService<IGrainStorageSerializer>();
}

/// <summary>A provider's settings are wrong, or there is none of the name.</summary>
[GenerateSerializer]
public sealed class BadProviderConfigException : OrleansException
{
    /// <summary>An error without words.</summary>
    public BadProviderConfigException() { }

    /// <summary>An error in words.</summary>
    public BadProviderConfigException(string msg) : base(msg) { }

    /// <summary>An error with its cause.</summary>
    public BadProviderConfigException(string msg, Exception exc) : base(msg, exc) { }
}

/// <summary>The serializer of states where none was chosen: JSON by System.Text.Json. Orleans' own default differs; whoever stores for long names a serializer.</summary>
internal sealed class DefaultGrainStorageSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(input));

    public T? Deserialize<T>(BinaryData input) => System.Text.Json.JsonSerializer.Deserialize<T>(input);
}
