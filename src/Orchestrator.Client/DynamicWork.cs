using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client.Events;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Client;

/// <summary>
/// New work by the results of work: a callback gets the result of each stage as it ends, and answers with stages to be added. Results that were answered before a crash may
/// come again: an answer is an addition under a key that is made of the result, so it is taken once.
/// </summary>
public static class DynamicWork
{
    /// <summary>Goes on until the simulation has ended, or the caller stops.</summary>
    /// <param name="client">The gateway.</param>
    /// <param name="simulation">Whose results.</param>
    /// <param name="answer">
    /// From a result to stages in the words of the campaign file (<c>{"stages": {…}}</c>, YAML or JSON); null: nothing. It is called for one result at a time, in the order in which
    /// they came.
    /// </param>
    /// <param name="refused">Hears of answers that were refused, which change nothing; null: such an answer ends it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OrchestratorClientException">The gateway stayed away, or refused an answer and nobody hears of it.</exception>
    public static async Task RunAsync(
        OrchestratorClient client, SimulationId simulation, Func<StageResult, CancellationToken, Task<string?>> answer, Action<StageResult, OrchestratorClientException>? refused = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(answer);
        var answered = new HashSet<(string, int)>();
        if (await AnswerAsync(await client.GetSimulationAsync(simulation, cancellationToken)))
        {
            return;
        }

        // Events only say when to look: what has ended is read from the simulation itself, so that one that was missed costs nothing.
        await foreach (var (_, happened) in client.ReadEventsAsync(new EventFilter { Simulation = simulation }, cancellationToken: cancellationToken))
        {
            if (happened.Kind is EventKinds.StageCompleted or EventKinds.StageFailed or EventKinds.StageSkipped or EventKinds.SimulationCompleted or EventKinds.SimulationFailed or EventKinds.SimulationCancelled
                && await AnswerAsync(await client.GetSimulationAsync(simulation, cancellationToken)))
            {
                return;
            }
        }

        async Task<bool> AnswerAsync(SimulationView view)
        {
            foreach (var stage in view.Stages.Where(static stage => stage.Status >= StageStatus.Completed).OrderBy(static stage => stage.EndedAt))
            {
                if (!answered.Add((stage.Name, stage.Epoch)))
                {
                    continue;
                }

                var result = StageResult.Of(simulation, stage);
                if (await answer(result, cancellationToken) is { Length: > 0 } text)
                {
                    try
                    {
                        await client.AddStagesAsync(simulation, WithKey(text, result), cancellationToken: cancellationToken);
                    }
                    catch (OrchestratorClientException wrong) when (refused is not null && !wrong.IsTransient)
                    {
                        refused(result, wrong);
                    }
                }
            }

            return view.Status >= SimulationStatus.Completed;
        }
    }

    /// <summary>An answer without a key gets that of its result. Only JSON can be told to have none.</summary>
    private static string WithKey(string text, StageResult result)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.TryGetProperty("key", out _))
            {
                return text;
            }

            var members = document.RootElement.EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value.Clone());
            members["key"] = JsonSerializer.SerializeToElement(FormattableString.Invariant($"result/{result.Stage}/{result.Epoch}"));
            return JsonSerializer.Serialize(members);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <summary>The result of a stage that ended.</summary>
public sealed record StageResult
{
    public SimulationId Simulation { get; init; }

    public string Stage { get; init; } = "";

    /// <summary>Tells the results of one stage that ran again apart.</summary>
    public int Epoch { get; init; }

    public StageStatus Status { get; init; }

    public string? Reason { get; init; }

    /// <summary>Null: it did not run, or a signal ended it.</summary>
    public int? ExitStatus { get; init; }

    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Published, with size, SHA-256 and time.</summary>
    public ImmutableArray<Artifact> Outputs { get; init; } = [];

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>One line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, WireJson.Options);

    internal static StageResult Of(SimulationId simulation, StageView stage) => new()
    {
        Simulation = simulation,
        Stage = stage.Name,
        Epoch = stage.Epoch,
        Status = stage.Status,
        Reason = stage.Reason,
        ExitStatus = stage.ExitStatus,
        Metrics = stage.Metrics,
        Outputs = stage.Outputs,
        StartedAt = stage.StartedAt,
        EndedAt = stage.EndedAt,
    };
}
