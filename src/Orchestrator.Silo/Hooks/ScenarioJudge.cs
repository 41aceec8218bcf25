using Microsoft.Extensions.Logging;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Scenarios;

namespace Orchestrator.Silo.Hooks;

/// <summary>The evaluator of the configuration. Whatever it does, evaluations go on with its last answer.</summary>
internal sealed partial class ScenarioJudge(ScenarioOptions options, string dataDirectory, TimeProvider clock, ILogger<ScenarioJudge> logger) : IScenarioJudge
{
    public bool IsSet => !string.IsNullOrWhiteSpace(options.EvaluatorCommand);

    public async Task<string?> AskAsync(ScenarioId scenario, string question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.EvaluatorTimeLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await new CommandTransport(options.EvaluatorCommand!, dataDirectory).AskAsync(question, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(logger, scenario.Value, $"there was no answer within {options.EvaluatorTimeLimit:c}", null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Nothing that a site's own program does may keep comparisons from going on.
            Failed(logger, scenario.Value, error.Message, error);
        }

        return null;
    }

    [LoggerMessage(1210, LogLevel.Warning, "The evaluator of {Scenario} failed: {Why}. Its last scores hold.")]
    private static partial void Failed(ILogger logger, string scenario, string why, Exception? error);
}
