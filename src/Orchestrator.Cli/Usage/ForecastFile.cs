using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Kept;

namespace Orchestrator.Cli.Usage;

/// <summary>The forecasts that were told, in the data directory: <c>report forecast --accuracy</c> compares them with what came.</summary>
internal static class ForecastFile
{
    /// <summary>The name of what the service counted, as a source.</summary>
    public const string Service = "service";

    /// <summary>The same, where what is planned was left out: it is another forecast.</summary>
    private const string ServiceAlone = "service without what is planned";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <exception cref="CommandException">It is damaged.</exception>
    public static ForecastBook Read(CommandContext context)
    {
        var path = PathOf(context);
        if (!File.Exists(path))
        {
            return ForecastBook.Empty;
        }

        try
        {
            return JsonSerializer.Deserialize<ForecastBook>(File.ReadAllText(path), Json) is { Forecasts.IsDefault: false } book ? book : throw new JsonException("it has no forecasts");
        }
        catch (JsonException fault)
        {
            throw new CommandException($"{path} is damaged ({fault.Message}): without it no accuracy is known; remove it to begin anew", ExitCodes.Unreadable);
        }
    }

    /// <summary>Keeps a forecast where there is a data directory. The forecast is told, whatever becomes of its copy.</summary>
    public static void Keep(CommandContext context, SeriesForecast forecast, bool withPlanned)
    {
        if (!Directory.Exists(context.Data))
        {
            return;
        }

        try
        {
            var book = Read(context).With(KeptForecast.Of(withPlanned ? Service : ServiceAlone, forecast));
            using var file = new WholeFile(PathOf(context));
            file.Write(output => output.Write(JsonSerializer.Serialize(book, Json)));
            file.Keep();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CommandException)
        {
            // Who may only read the data directory gets the forecast all the same.
            context.Error.WriteLine($"the forecast is not kept, so that nobody will see how it came true: {fault.Message}");
        }
    }

    private static string PathOf(CommandContext context) => Path.Combine(context.Data, "forecasts.json");
}
