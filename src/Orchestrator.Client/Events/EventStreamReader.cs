using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Core.Events;

namespace Orchestrator.Client.Events;

/// <summary>Reads server-sent events from one response until it ends.</summary>
internal static class EventStreamReader
{
    /// <exception cref="IOException">The stream broke, or was silent for too long.</exception>
    public static async IAsyncEnumerable<(long Position, OrchestratorEvent Event)> ReadAsync(
        Stream stream, TimeSpan silence, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var data = new StringBuilder();
        long? position = null;
        while (await LineAsync(reader, silence, clock, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (position is { } at && data.Length > 0 && JsonSerializer.Deserialize<OrchestratorEvent>(data.ToString(), WireJson.Options) is { } happened)
                {
                    yield return (at, happened);
                }

                data.Clear();
                position = null;
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            if (field == "data")
            {
                data.Append(data.Length > 0 ? "\n" : "").Append(value);
            }
            else if (field == "id" && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                position = parsed;
            }
        }
    }

    private static async Task<string?> LineAsync(StreamReader reader, TimeSpan silence, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(silence, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await reader.ReadLineAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the gateway sent nothing for {silence.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
        }
    }
}
