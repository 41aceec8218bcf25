using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Scenarios;

namespace Orchestrator.Grains.Scenarios;

internal static partial class ScenarioGrainLog
{
    [LoggerMessage(1200, LogLevel.Information, "{Scenario} went from {Before} to {After}: {Members} members.")]
    public static partial void StatusChanged(ILogger logger, string scenario, ScenarioStatus before, ScenarioStatus after, int members);

    [LoggerMessage(1201, LogLevel.Warning, "{Scenario} could not take in the events of its members; it tries again in {Wait}.")]
    public static partial void GatheringFailed(ILogger logger, string scenario, TimeSpan wait, Exception error);

    [LoggerMessage(1203, LogLevel.Information, "{Scenario} told {Simulation} to {What}: {Outcome}. {Reason}.")]
    public static partial void MemberTold(ILogger logger, string scenario, string simulation, string what, ControlOutcome outcome, string reason);

    [LoggerMessage(1204, LogLevel.Information, "{Scenario} told {Simulation} that it promises {Promise} (null: what it was submitted with): {Outcome}.")]
    public static partial void PromiseTold(ILogger logger, string scenario, string simulation, double? promise, ControlOutcome outcome);

    [LoggerMessage(1206, LogLevel.Information, "{Scenario} told {Simulation} that its scenario has the share {Share} (null: none): {Outcome}.")]
    public static partial void ShareTold(ILogger logger, string scenario, string simulation, double? share, ControlOutcome outcome);

    [LoggerMessage(1205, LogLevel.Warning, "Of what the evaluator said to {Scenario}, {Count} scores were ignored; the first: {First}.")]
    public static partial void ScoresIgnored(ILogger logger, string scenario, int count, string first);

    [LoggerMessage(1202, LogLevel.Warning, "{Scenario} could not store its state; it starts again from what is stored.")]
    public static partial void StoreFailed(ILogger logger, string scenario, Exception error);
}
