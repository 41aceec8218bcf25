using Orchestrator.Core.Ids;

namespace Orchestrator.Grains.Scenarios;

/// <summary>Nothing is ever asked.</summary>
internal sealed class NoScenarioJudge : IScenarioJudge
{
    public bool IsSet => false;

    public Task<string?> AskAsync(ScenarioId scenario, string question, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
