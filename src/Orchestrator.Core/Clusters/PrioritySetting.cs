using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>A priority that somebody gave to work, in place of what it came with or of what is computed. It holds for all that is asked for later, too.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.priority-setting")]
public sealed record PrioritySetting
{
    /// <summary>A simulation ("s-key"), a stage of one ("s-key/stage"), or the name of a campaign. The narrower goes before the wider.</summary>
    [Id(0)] public string Target { get; init; } = "";

    /// <summary>0 to 1 in place of the computed priority; null: computed.</summary>
    [Id(1)] public double? Value { get; init; }

    /// <summary>In place of the class that it was submitted with; absent: that one. Without both the setting is taken back.</summary>
    [Id(2)] public PriorityClass Class { get; init; }

    /// <summary>Who set it.</summary>
    [Id(3)] public string By { get; init; } = "";

    [Id(4)] public DateTimeOffset At { get; init; }

    /// <summary>Of a simulation, 0 to 1: what its scenario promises, in place of what it was submitted with; the priority is still computed. Null: as it is.</summary>
    [Id(5)] public double? Promise { get; init; }

    /// <summary>The promise is taken back: what it was submitted with holds again. Only in orders, never stored.</summary>
    [Id(6)] public bool ForgetsPromise { get; init; }

    /// <summary>Institution and project of the work ("climate/attribution"), whose alone it is to know; "": not said, as by older releases.</summary>
    [Id(20)] public string Project { get; init; } = "";

    /// <summary>The campaign of the work; "": none, or not said.</summary>
    [Id(21)] public string Campaign { get; init; } = "";

    /// <summary>Of a simulation: the share of its scenario, by which the scenarios of the set divide what they get. Null: as it is.</summary>
    [Id(7)] public ScenarioShare? Share { get; init; }

    /// <summary>The share is taken back. Only in orders, never stored.</summary>
    [Id(8)] public bool ForgetsShare { get; init; }

    /// <summary>It takes a setting back.</summary>
    public bool IsEmpty => !IsOfPriority && Promise is null && Share is null;

    /// <summary>It says more than a promise or a share.</summary>
    public bool IsOfPriority => Value is not null || Class != PriorityClass.Absent;

    /// <summary>It is about work of this owner's project, or does not say whose: a campaign of the same name may be another project's.</summary>
    public bool IsFor(Ownership owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var slash = owner.Institution.Length;
        return Project.Length == 0
            || (Project.Length == slash + 1 + owner.Project.Length && Project[slash] == '/'
                && Project.StartsWith(owner.Institution, StringComparison.Ordinal) && Project.EndsWith(owner.Project, StringComparison.Ordinal));
    }

    /// <summary>What is wrong with it, as a sentence that names the field and what is allowed; null: nothing.</summary>
    public static string? Problem(PrioritySetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return
            string.IsNullOrWhiteSpace(setting.Target) ? "target: it is empty; a simulation, a stage of one or a campaign is needed."
            : setting.Value is { } value && value is not (>= 0 and <= 1) ? FormattableString.Invariant($"value: it is {value}; 0 to 1 are allowed.")
            : setting.Promise is { } promise && promise is not (>= 0 and <= 1) ? FormattableString.Invariant($"promise: it is {promise}; 0 to 1 are allowed.")
            : setting.Share is { Share: not (>= 0 and <= 1) } share ? FormattableString.Invariant($"share.share: it is {share.Share}; 0 to 1 are allowed.")
            : setting.Share is { } named && (named.Set.Value is null || named.Scenario.Length == 0) ? "share: the scenario set and the scenario are needed."
            : setting.Class is < PriorityClass.Absent or > PriorityClass.Critical ? "class: background, low, medium, high and critical are allowed."
            : null;
    }

    /// <summary>The target that a text means: an attempt is its stage, over all epochs.</summary>
    public static string TargetOf(string text) => AttemptId.TryParse(text, out var attempt) ? ClusterFold.StageOf(attempt) : text;
}

/// <summary>A deadline that somebody gave to a simulation after it was submitted.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.deadline-setting")]
public sealed record DeadlineSetting
{
    [Id(0)] public SimulationId Simulation { get; init; }

    /// <summary>Null: none any more.</summary>
    [Id(1)] public DateTimeOffset? Deadline { get; init; }

    [Id(2)] public string By { get; init; } = "";

    [Id(3)] public DateTimeOffset At { get; init; }

    /// <summary>Institution and project of the work ("climate/attribution"), whose alone it is to know; "": not said, as by older releases.</summary>
    [Id(20)] public string Project { get; init; } = "";

    /// <summary>The campaign of the work; "": none, or not said.</summary>
    [Id(21)] public string Campaign { get; init; } = "";
}
