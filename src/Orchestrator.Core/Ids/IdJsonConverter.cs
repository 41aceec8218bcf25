using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Ids;

/// <summary>Writes an id as a plain string, as a value and as a property name; the default instance, which names nothing, as null.</summary>
public sealed class IdJsonConverter<TId> : JsonConverter<TId> where TId : struct, IId<TId>
{
    public override bool HandleNull => true;

    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Null ? default : Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WritePropertyName(value.Value);

    private static TId Parse(string? text)
    {
        try
        {
            return TId.Parse(text ?? "");
        }
        catch (InvalidIdException invalid)
        {
            throw new JsonException(invalid.Message, invalid);
        }
    }
}
