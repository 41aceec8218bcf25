using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Reads stages that are to be added, from people and from programs alike, and refuses what could never run here.</summary>
internal sealed class StageAdditions(IGrainFactory grains)
{
    /// <summary>More is no list of stages.</summary>
    private const int LengthMax = 1_048_576;

    /// <param name="text">In the words of the campaign file.</param>
    /// <param name="view">Of the simulation.</param>
    /// <param name="key">Where the text has none.</param>
    /// <returns>The key; and an addition, or every problem and none.</returns>
    public async Task<(string Key, StageAddition? Addition, ImmutableArray<InputProblem> Problems)> ReadAsync(string text, SimulationView view, string key)
    {
        if (text.Length > LengthMax)
        {
            return (key, null, [new() { Path = "", Message = FormattableString.Invariant($"it has {text.Length} characters"), Allowed = FormattableString.Invariant($"at most {LengthMax}") }]);
        }

        StageDefinition[] existing = [.. view.Stages.Select(static stage => new StageDefinition { Name = stage.Name, After = stage.After })];
        var parameters = view.Variant.Length == 0 ? view.Labels : view.Labels.SetItem("scenario", view.Variant);
        var reading = StageFile.Read(text, existing, parameters, view.Member);
        key = reading.Key.Length > 0 ? reading.Key : key;
        if (reading.Addition is not { } addition)
        {
            return (key, null, [.. reading.Problems.Select(static problem => new InputProblem { Line = (int)problem.Line, Column = (int)problem.Column, Path = problem.Path, Message = problem.Message, Allowed = problem.Allowed })]);
        }

        var problems = addition.Stages.IsEmpty ? [] : await MisfitsAsync([.. addition.Stages.Select(static stage => (stage.Name, stage.Resources))], view);
        return problems.IsEmpty ? (key, addition with { Key = key }, []) : (key, null, problems);
    }

    /// <summary>What no node could ever hold.</summary>
    public async Task<ImmutableArray<InputProblem>> MisfitsAsync(ImmutableArray<(string Stage, ResourceRequest Resources)> stages, SimulationView view)
    {
        var words = await grains.GetGrain<IClusterGrain>(view.Cluster.Value).CheckAsync([.. stages.Select(static stage => stage.Resources)], view.Owner);
        return [.. stages.Zip(words).Where(static pair => pair.Second.Length > 0).Select(static pair => new InputProblem { Path = $"stages.{pair.First.Stage}", Message = pair.Second.TrimEnd('.') })];
    }

    /// <summary>A report of an agent with what its program wrote read; any other as it is.</summary>
    public async Task<AttemptReport> ReadAsync(AttemptReport report)
    {
        if (report is not AttemptReport.Announced announced)
        {
            return report;
        }

        // Only what is read here counts, never what an agent says that it has read.
        announced = announced with { Addition = new() { Key = announced.Addition.Key }, Problems = ["stages: there is none."] };
        if (announced.Text.Length == 0 || await grains.GetGrain<ISimulationGrain>(report.Attempt.Simulation.Value).GetAsync() is not { } view)
        {
            return announced;
        }

        // What one stage writes is never taken for what another one wrote.
        var (said, addition, problems) = await ReadAsync(announced.Text, view, announced.Addition.Key);
        var key = said == announced.Addition.Key ? said : $"{report.Attempt.Stage}/{said}";
        return addition is null
            ? announced with { Text = "", Addition = new() { Key = key }, Problems = [.. problems.Select(static problem => $"{problem.Path}: {problem.Message}{(problem.Allowed is { Length: > 0 } allowed ? $"; allowed: {allowed}" : "")}.")] }
            : announced with { Text = "", Addition = addition with { Key = key }, Problems = [] };
    }
}
