using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Reports;

/// <summary>A report as JSON that can be read again and written in every format, with its plots.</summary>
public static class ReportCopy
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new CellConverter() },
    };

    public static string Write(Report report) => JsonSerializer.Serialize(report, Options);

    /// <exception cref="JsonException">It is no such copy.</exception>
    public static Report Read(string text) =>
        JsonSerializer.Deserialize<Report>(text, Options) is { Kind: not ReportKind.Absent } report && report is { Summary.IsDefault: false, Tables.IsDefault: false, Plots.IsDefault: false, Bars.IsDefault: false, Notes.IsDefault: false }
            ? report
            : throw new JsonException("It is no report.");

    /// <summary>A cell is a string, a number, a flag, nothing, or a moment, which stands in an object so that it is not taken for a string.</summary>
    private sealed class CellConverter : JsonConverter<object>
    {
        public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    return null;
                case JsonTokenType.True or JsonTokenType.False:
                    return reader.GetBoolean();
                case JsonTokenType.Number:
                    return reader.GetDouble();
                case JsonTokenType.String:
                    return reader.GetString();
                case JsonTokenType.StartObject when reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.Read() && reader.TokenType == JsonTokenType.String:
                    var moment = reader.GetDateTimeOffset();
                    return reader.Read() && reader.TokenType == JsonTokenType.EndObject ? moment : throw new JsonException("A moment has one member.");
                default:
                    throw new JsonException($"{reader.TokenType} is no cell.");
            }
        }

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            switch (value)
            {
                case double number when double.IsFinite(number):
                    writer.WriteNumberValue(number);
                    break;
                case bool flag:
                    writer.WriteBooleanValue(flag);
                    break;
                case DateTimeOffset moment:
                    writer.WriteStartObject();
                    writer.WriteString("at", moment.ToString("O", CultureInfo.InvariantCulture));
                    writer.WriteEndObject();
                    break;
                case string text:
                    writer.WriteStringValue(text);
                    break;
                default:
                    writer.WriteNullValue();
                    break;
            }
        }
    }
}
