using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace Orchestrator.Storage;

/// <summary>
/// The form of everything that grain storage keeps, over both databases: one JSON object whose first member <c>"v"</c> is the schema version of the state. It holds no CLR
/// type names; cases of a hierarchy are told apart by the pinned names of <see cref="JsonPolymorphicAttribute"/>. Members that this release does not know are ignored on
/// reading; a version that it does not know is refused, as reading on would lose what it means.
/// </summary>
public sealed class GrainStateSerializer : IGrainStorageSerializer
{
    /// <summary>The key under which the serializer is registered.</summary>
    public const string Name = "orchestrator-state";

    private const string VersionMember = "v";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        // The version stands before the discriminator of a hierarchy.
        AllowOutOfOrderMetadataProperties = true,
        // Payloads never stand in a web page; quotes and letters stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly GrainStateSerializerOptions options;
    private readonly ConcurrentDictionary<Type, int> versions = new();

    static GrainStateSerializer() => Json.MakeReadOnly();

    /// <param name="options">The versions of the states.</param>
    public GrainStateSerializer(GrainStateSerializerOptions options) => this.options = options;

    /// <summary>The JSON settings of stored states; ledgers, events and history use the same.</summary>
    public static JsonSerializerOptions JsonOptions => Json;

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input)
    {
        var version = VersionOf(typeof(T));
        var body = JsonSerializer.SerializeToUtf8Bytes(input, Json);
        if (body is not [(byte)'{', ..])
        {
            throw new InvalidOperationException($"{typeof(T)} is not stored as a JSON object and cannot be a state.");
        }

        var prefix = version == 1 ? "{\"v\":1"u8 : System.Text.Encoding.ASCII.GetBytes($"{{\"v\":{version}");
        var rest = body.AsSpan(1);
        var isEmpty = rest.Length == 1;
        var payload = new byte[prefix.Length + rest.Length + (isEmpty ? 0 : 1)];
        prefix.CopyTo(payload);
        if (!isEmpty)
        {
            payload[prefix.Length] = (byte)',';
        }

        rest.CopyTo(payload.AsSpan(payload.Length - rest.Length));
        return new BinaryData(payload);
    }

    /// <inheritdoc/>
    /// <exception cref="StateVersionException">The payload is newer than this release, or has no version.</exception>
    public T Deserialize<T>(BinaryData input)
    {
        var known = VersionOf(typeof(T));
        var payload = input.ToMemory().Span;
        var version = ReadVersion(payload, typeof(T));
        if (version > known)
        {
            throw new StateVersionException(
                $"A stored {typeof(T).Name} has schema version {version}; this release knows versions up to {known}. Use the release that wrote it, or a newer one.");
        }

        return JsonSerializer.Deserialize<T>(payload, Json)!;
    }

    private static int ReadVersion(ReadOnlySpan<byte> payload, Type type)
    {
        var reader = new Utf8JsonReader(payload);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isVersion = reader.ValueTextEquals(VersionMember);
                reader.Read();
                if (isVersion && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var version) && version >= 1)
                {
                    return version;
                }

                reader.Skip();
            }
        }

        throw new StateVersionException($"A stored {type.Name} carries no schema version: it was not written by this product.");
    }

    private int VersionOf(Type type) => versions.GetOrAdd(
        type,
        (checkedType, known) => Json.GetTypeInfo(checkedType).Properties.Any(property => property.Name == VersionMember)
            ? throw new InvalidOperationException($"{checkedType} has a member named \"{VersionMember}\", which is taken by the schema version.")
            : known.VersionOf(checkedType),
        options);
}
