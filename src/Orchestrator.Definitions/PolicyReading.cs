using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Definitions;

/// <summary>What became of a policy file: settings without problems, or every problem and no settings.</summary>
public sealed record PolicyReading
{
    /// <summary>Null exactly when there are problems.</summary>
    public SchedulingSettings? Settings { get; init; }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<DefinitionProblem> Problems { get; init; } = [];
}
