using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>One step in the making: the state so far, the time and the rules of the deployment. It lives for one call of the machine.</summary>
internal sealed class SimulationDraft(SimulationState before, DateTimeOffset now, SimulationPolicy policy)
{
    private bool matters;
    private HashSet<int> touched = [];

    public SimulationState State { get; private set; } = before;

    public DateTimeOffset Now { get; } = now;

    public SimulationPolicy Policy { get; } = policy;

    public int Count => State.Stages.Length;

    /// <summary>It starts nothing: stages that get ready are held back or cancelled.</summary>
    public bool IsHeld => State.Status is SimulationStatus.Pausing or SimulationStatus.Paused or SimulationStatus.Cancelling;

    public StageState this[int stage] => State.Stages[stage];

    public StageDefinition DefinitionOf(int stage) => State.Definition.Stages[stage];

    public AttemptId AttemptOf(int stage, int epoch) => new(State.Definition.Id, State.Stages[stage].Name, epoch);

    /// <summary>The result: the same instance when nothing changed.</summary>
    public SimulationState Finish() => matters ? State with { Version = State.Version + 1 } : State;

    /// <summary>A change that a crash must not undo.</summary>
    public void Set(SimulationState state)
    {
        if (state.Status != State.Status || !ReferenceEquals(state.Definition, State.Definition))
        {
            touched.UnionWith(Enumerable.Range(0, state.Stages.Length));
        }

        State = state;
        matters = true;
    }

    public void Set(int stage, StageState value)
    {
        Set(State with { Stages = State.Stages.SetItem(stage, value) });
        Touch(stage);
    }

    /// <summary>It, and what waits for it, is to be judged again.</summary>
    public void Touch(int stage) => touched.Add(stage);

    /// <summary>What was touched since it was asked before.</summary>
    public HashSet<int> TakeTouched()
    {
        var all = touched;
        touched = [];
        return all;
    }

    /// <summary>Notes something of an edge.</summary>
    public void Mark(int stage, int edge, Func<EdgeMark, EdgeMark> change)
    {
        var edges = this[stage].Edges;
        var known = edges.FirstOrDefault(mark => mark.Edge == edge);
        var after = change(known ?? new() { Edge = edge });
        Set(stage, this[stage] with { Edges = known is null ? edges.Add(after) : edges.Replace(known, after) });
    }

    public void SetLive(int stage, AttemptState live) => Set(stage, this[stage] with { Live = live });

    /// <summary>A change that may be lost, since what it notes would only be done again.</summary>
    public void Note(SimulationState state) => State = state;

    public void Note(int stage, StageState value) => Note(State with { Stages = State.Stages.SetItem(stage, value) });

    public void NoteLive(int stage, AttemptState live) => Note(stage, this[stage] with { Live = live });

    /// <summary>Puts an event of the simulation into the outbox.</summary>
    public void Emit(OrchestratorEvent occurrence)
    {
        var definition = State.Definition;
        var sequence = State.EventSequence + 1;
        Set(State with
        {
            EventSequence = sequence,
            Outbox = State.Outbox.Add(occurrence with
            {
                Source = definition.Id.Value,
                Sequence = sequence,
                At = Now,
                Simulation = definition.Id,
                Campaign = definition.Campaign,
                Scenario = definition.Scenario,
                Variant = definition.Variant.Length == 0 ? null : definition.Variant,
                Member = definition.Member == 0 ? null : definition.Member,
                Project = ProjectOf(definition),
                User = definition.Owner.User,
                Account = definition.Owner.Account.Value is null ? null : definition.Owner.Account,
            }),
        });
    }

    /// <summary>Puts an event of a stage into the outbox.</summary>
    public void Emit(int stage, OrchestratorEvent occurrence) => Emit(occurrence with
    {
        Stage = this[stage].Name,
        Epoch = occurrence.Epoch ?? (this[stage].Epoch == 0 ? null : this[stage].Epoch),
        Status = occurrence.Status ?? Name(this[stage].Status),
    });

    public void Keep(HistoryDraft row)
    {
        var sequence = State.HistorySequence + 1;
        Set(State with { HistorySequence = sequence, History = State.History.Add(row with { Sequence = sequence, At = Now }) });
    }

    /// <summary>The name of an enum value as it stands in JSON.</summary>
    public static string Name<TEnum>(TEnum value) where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>Institution and project as a campaign file writes them; null when there is none.</summary>
    public static string? ProjectOf(SimulationDefinition definition) => (definition.Owner.Institution, definition.Owner.Project) switch
    {
        ("", "") => null,
        ("", var project) => project,
        (var institution, "") => institution,
        var (institution, project) => $"{institution}/{project}",
    };

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
