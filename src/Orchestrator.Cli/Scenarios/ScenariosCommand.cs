using System.CommandLine;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios …</c>.</summary>
internal static class ScenariosCommand
{
    public static Command Create() => new("scenarios", "Scenarios that are compared and steered; and what steering is worth on recorded learning curves (docs/scenarios.md).")
    {
        ScenarioListCommand.Create(),
        ScenarioShowCommand.Create(),
        ScenarioCompareCommand.Create(),
        ScenarioOverrideCommand.Create(),
        CurveReplayCommand.Create(),
    };
}
