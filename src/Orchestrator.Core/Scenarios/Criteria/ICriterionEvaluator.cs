namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>Judges scenarios by one criterion. The same facts give the same answer; a fault is an answer without a score, never an exception.</summary>
public interface ICriterionEvaluator
{
    Criterion Criterion { get; }

    /// <summary>What it says of a scenario among all that are compared, itself included.</summary>
    CriterionScore Evaluate(ScenarioFacts facts, ScenarioField field);
}
