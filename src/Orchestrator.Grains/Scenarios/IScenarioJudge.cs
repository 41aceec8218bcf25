using Orchestrator.Core.Ids;

namespace Orchestrator.Grains.Scenarios;

/// <summary>The site's own evaluator of scenarios. A comparison asks it beside its evaluations, which never wait for the answer: the last one holds until the next is there. By default there is none.</summary>
public interface IScenarioJudge
{
    /// <summary>Nobody asks while it is not.</summary>
    bool IsSet { get; }

    /// <summary>The answer to a question; null: there is none, which was logged.</summary>
    Task<string?> AskAsync(ScenarioId scenario, string question, CancellationToken cancellationToken);
}
