using Microsoft.Extensions.Logging;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Grains.Clusters;

namespace Orchestrator.Silo.Hooks;

/// <summary>The hook of the configuration. Whatever it does, the last verdicts hold, and why it failed is logged and stands beside them.</summary>
internal sealed class PriorityHook(HookOptions options, IHookTransport transport, TimeProvider clock, ILogger<PriorityHook> logger) : IPriorityHook
{
    public TimeSpan? Every => options.Every;

    public int AttemptsMax => options.AttemptsMax;

    public async Task<HookVerdicts> AskAsync(ClusterId cluster, HookQuestion question, HookVerdicts last, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var verdicts = HookAnswer.Read(await transport.AskAsync(question.Json, both.Token), question, last, clock.GetUtcNow());
            if (verdicts.FailedAt is not null)
            {
                HookLog.Failed(logger, cluster.Value, verdicts.Error, null);
            }
            else if (!verdicts.Ignored.IsEmpty)
            {
                HookLog.PartlyIgnored(logger, cluster.Value, verdicts.Ignored.Length, verdicts.Ignored[0]);
            }

            return verdicts;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"there was no answer within {options.TimeLimit:c}", null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Nothing that a site's own program does may keep the cluster from planning.
            return Failed(error is HookFailedException ? error.Message : $"it could not be asked: {error.Message}", error);
        }

        HookVerdicts Failed(string why, Exception? error)
        {
            HookLog.Failed(logger, cluster.Value, why, error);
            return last.Failed(why, clock.GetUtcNow());
        }
    }
}
