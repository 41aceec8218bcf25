using Orchestrator.Definitions;

namespace Orchestrator.Pilot.Files;

/// <summary>What a list of tasks says, or everything that is wrong with it.</summary>
internal sealed record TaskFileReading
{
    public IReadOnlyList<TaskDefinition> Tasks { get; init; } = [];

    /// <summary>In the order of the file. With one of them, nothing is started.</summary>
    public IReadOnlyList<DefinitionProblem> Problems { get; init; } = [];

    /// <summary>What is read over.</summary>
    public IReadOnlyList<DefinitionProblem> Warnings { get; init; } = [];
}
