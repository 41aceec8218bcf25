using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Gathers what is wrong, so that all of it is told at once.</summary>
internal sealed class ProblemList
{
    private readonly List<DefinitionProblem> problems = [];

    public bool IsEmpty => problems.Count == 0;

    public ImmutableArray<DefinitionProblem> InFileOrder => [.. problems.Distinct().OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];

    public void Add(YamlNode node, string path, string message, string allowed) => Add(node.Start, path, message, allowed);

    public void Add(Mark mark, string path, string message, string allowed) =>
        problems.Add(new() { Line = mark.Line, Column = mark.Column, Path = path, Message = message, Allowed = allowed });
}
