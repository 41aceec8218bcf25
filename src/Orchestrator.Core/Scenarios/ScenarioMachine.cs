using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Reallocation;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Scenarios;

/// <summary>
/// The rules of a comparison. It takes in each event of its members once, in their order (invariant 9), compares when a member ended and else when it is told to, and has
/// ended when they all have.
/// <list type="table">
/// <item><term>Absent</term><description>takes Define alone; what else comes changes nothing.</description></item>
/// <item><term>Live</term><description>takes everything; Ended follows when the last member ended.</description></item>
/// <item><term>Ended</term><description>takes Define and that a member goes on after its end, which make it live again, and what tells that its effects were done.</description></item>
/// </list>
/// </summary>
public static class ScenarioMachine
{
    private const int PublishMax = 100;

    /// <summary>Variants that are paired with one another, whenever somebody looks.</summary>
    private const int PairedMax = 40;
    private const int PairsMax = 10;

    /// <summary>Variants of one campaign report the same metrics: nearer to one another than a twentieth of what lies between all of them, one might do.</summary>
    private const double AlikeFrom = 0.95;

    /// <summary>Simulations that are told at once.</summary>
    private const int TellMax = 50;

    /// <summary>The log is told how far it has read after so many events: it only holds back pruning.</summary>
    private const int CursorEvery = 100;

    /// <summary>The state after an input; the same instance when it changes nothing.</summary>
    public static ScenarioState Step(ScenarioState state, ScenarioInput input, DateTimeOffset now) => (state.Status, input) switch
    {
        (_, ScenarioInput.Define define) => Define(state, define.Definition, now),
        (ScenarioStatus.Absent, _) => state,
        (_, ScenarioInput.Observed observed) => Observe(state, observed, now),
        (ScenarioStatus.Live, ScenarioInput.Evaluate) => Evaluate(state, now),
        (ScenarioStatus.Live, ScenarioInput.Reprioritize reprioritize) => Reprioritize(state, reprioritize.Force, now),
        (ScenarioStatus.Live, ScenarioInput.Scored scored) => Same(state.OutsideScores, scored.Scores) ? state : state with { OutsideScores = scored.Scores },
        (_, ScenarioInput.Override set) => Override(state, set, now),
        (_, ScenarioInput.Told told) => state.Orders.TryGetValue(told.Simulation, out var order) && order == told.Order ? state with { Orders = state.Orders.Remove(told.Simulation) } : state,
        (_, ScenarioInput.Published published) => Publish(state, published.Sequence),
        (_, ScenarioInput.CursorsKept kept) => KeepCursors(state, kept.Cursors),
        (_, ScenarioInput.CursorsForgotten forgotten) => ForgetCursors(state, forgotten.Simulations),
        (_, ScenarioInput.ReminderSet reminder) => state.ReminderKept == reminder.Kept ? state : state with { ReminderKept = reminder.Kept },
        (ScenarioStatus.Ended, ScenarioInput.Evaluate or ScenarioInput.Reprioritize or ScenarioInput.Scored) => state,
        _ => throw new InvalidTransitionException("scenario", state.Status.ToString(), input.GetType().Name),
    };

    /// <summary>What the state owes.</summary>
    public static IReadOnlyList<ScenarioEffect> Owed(ScenarioState state)
    {
        List<ScenarioEffect> owed = [];
        if (state.Outbox.Length > 0)
        {
            owed.Add(new ScenarioEffect.Publish([.. state.Outbox.Take(PublishMax)]));
        }

        owed.AddRange(state.Orders.Take(TellMax).Select(static order => new ScenarioEffect.Tell(order.Key, order.Value)));
        if (state.ReminderKept != (state.Status == ScenarioStatus.Live))
        {
            owed.Add(new ScenarioEffect.SetReminder(!state.ReminderKept));
        }

        if (state.Status == ScenarioStatus.Ended)
        {
            if (state.Members.Values.Any(static member => member.CursorKept >= 0) || state.Dropped.Length > 0)
            {
                owed.Add(new ScenarioEffect.ForgetCursors([]));
            }

            return owed;
        }

        if (state.Dropped.Length > 0)
        {
            owed.Add(new ScenarioEffect.ForgetCursors(state.Dropped));
        }

        var cursors = state.Members
            .Where(static member => member.Value.CursorKept < 0 || member.Value.Cursor - member.Value.CursorKept >= CursorEvery)
            .ToImmutableSortedDictionary(static member => member.Key, static member => member.Value.Cursor);
        if (cursors.Count > 0)
        {
            owed.Add(new ScenarioEffect.KeepCursors(cursors));
        }

        return owed;
    }

    /// <summary>What the criteria say of each variant now, by name.</summary>
    public static ImmutableArray<Assessment> Assess(ScenarioState state, DateTimeOffset now) => Reprioritization.Assess(state, now);

    /// <summary>Which variants complement one another, and which are alike; empty for more of them than can be paired at once.</summary>
    public static (ImmutableArray<ComplementaryPair> Complementary, ImmutableArray<ImmutableArray<string>> Alike) Pair(ScenarioState state, ImmutableArray<Assessment> assessments)
    {
        var known = assessments.Where(static assessment => assessment.Confidence > 0).ToList();
        if (known.Count is < 2 or > PairedMax)
        {
            return ([], []);
        }

        var facts = Reprioritization.Facts(state).Where(one => known.Exists(assessment => assessment.Scenario == one.Id)).ToList();

        // Objectives are the same for all of a campaign, and how far each has come tells nothing. Of 287 and 290 K nobody would say that they are one: only the range over all says what is near.
        var shown = facts.ConvertAll(static one => one with { Objectives = [], Simulations = [] });
        return (
            [.. Complementarity.Pairs(known, facts).Pairs.Where(static pair => pair.IsComplementary).Take(PairsMax)],
            [.. Complementarity.Groups(shown, AlikeFrom, RangeOf).Where(static group => group.Length > 1)]);

        double RangeOf(string metric)
        {
            var values = shown.Select(one => one.Metrics.GetValueOrDefault(metric, double.NaN)).Where(double.IsFinite).ToArray();
            return values.Length == 0 ? 0 : values.Max() - values.Min();
        }
    }

    /// <summary>What an evaluator outside of this process is asked.</summary>
    public static string QuestionOf(ScenarioState state) => OutsideEvaluation.Question(Reprioritization.Facts(state));

    /// <summary>What must hold of every state.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public static void SanityCheck(ScenarioState state)
    {
        Check(state.Status == ScenarioStatus.Absent || state.Definition.Variants.Values.SelectMany(static ids => ids).Distinct().Count() == state.Members.Count, "members are those of the definition");
        Check((state.Status == ScenarioStatus.Ended) == (state.Status != ScenarioStatus.Absent && state.Members.Values.All(static member => member.HasEnded)), "it has ended when all members have");
        Check(state.Status != ScenarioStatus.Ended || state.ChangedAt is null, "what has ended was evaluated");
        Check(state.Members.Values.All(static member => member.CursorKept <= member.Cursor), "the log knows no later cursor than what was taken in");
        Check(state.Members.Values.All(static member => member.Progress is >= 0 and <= 1), "progress lies between 0 and 1");
        Check(state.Held.All(held => state.Members.TryGetValue(held, out var member) && !member.HasEnded), "only live members are held");
        Check(state.Held.All(held => !state.Members[held].IsPausedByOthers), "who was paused by people is not held");
        Check(state.Shares.IsEmpty || (Shares.AreValid(state.Shares) && Math.Abs(state.Shares.Values.Sum() - 1) < 1e-6), "shares sum to 1");
        Check(state.Outbox.IsEmpty || state.Outbox[^1].Sequence == state.EventSequence, "the outbox ends with the newest event");
        for (var i = 1; i < state.Outbox.Length; i++)
        {
            Check(state.Outbox[i].Sequence == state.Outbox[i - 1].Sequence + 1, "the outbox has no gaps");
        }

        static void Check(bool holds, string what)
        {
            if (!holds)
            {
                throw new InvalidOperationException($"It does not hold that {what}.");
            }
        }
    }

    private static bool Same(ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> one, ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var scores) && scores.SequenceEqual(pair.Value));

    private static ScenarioState Define(ScenarioState state, ScenarioDefinition definition, DateTimeOffset now)
    {
        if (state.Status != ScenarioStatus.Absent && ScenarioDefinition.AreSame(state.Definition, definition))
        {
            return state;
        }

        var members = definition.Variants
            .SelectMany(static variant => variant.Value.Select(id => (Id: id, Variant: variant.Key)))
            .DistinctBy(static member => member.Id)
            .ToImmutableSortedDictionary(
                static member => member.Id,
                member => (state.Members.GetValueOrDefault(member.Id) ?? new ScenarioMember { Status = SimulationStatus.Pending }) with { Variant = member.Variant });
        var objective = new ScenarioObjective { From = now, Metric = definition.Metric, HigherIsBetter = definition.HigherIsBetter };
        var isNewObjective = state.Objectives.IsEmpty || state.Objectives[^1] is var last && (last.Metric != objective.Metric || last.HigherIsBetter != objective.HigherIsBetter);
        var after = state with
        {
            Status = ScenarioStatus.Live,
            Definition = definition,
            Members = members,
            Dropped = [.. state.Dropped.Concat(state.Members.Keys).Where(id => !members.ContainsKey(id)).Distinct()],
            Objectives = isNewObjective ? [.. state.Objectives.TakeLast(ScenarioState.ObjectivesMax - 1), objective] : state.Objectives,
            ChangedAt = now,
            ReprioritizedAt = state.ReprioritizedAt ?? now,

            // Another objective ranks by other values: nobody waits because of the old ones.
            Rungs = isNewObjective ? ImmutableSortedDictionary<string, VariantRungs>.Empty : state.Rungs,
        };
        after = Steering.Follow(Steering.Release(after, state.Members.Where(member => !members.ContainsKey(member.Key))));
        after = Emit(after, now, EventKinds.ScenarioDefined, DefinedText(definition, members.Count), metrics: null);
        return EndIfAllEnded(after, now);
    }

    private static ScenarioState Observe(ScenarioState state, ScenarioInput.Observed observed, DateTimeOffset now)
    {
        if (!state.Members.TryGetValue(observed.Simulation, out var before))
        {
            return state;
        }

        var news = observed.Events.Where(occurrence => occurrence.Sequence > before.Cursor).ToList();
        var wasReopened = news.Any(static occurrence => occurrence.Kind == EventKinds.SimulationReopened);
        if (state.Status == ScenarioStatus.Ended && !wasReopened)
        {
            return state;
        }

        var member = before;
        foreach (var occurrence in observed.Events)
        {
            if (occurrence.Sequence > member.Cursor)
            {
                member = Take(member, occurrence, state.Definition.Id) with { Cursor = occurrence.Sequence };
            }
        }

        if (ReferenceEquals(member, before))
        {
            return state;
        }

        var wasResumed = state.Held.Contains(observed.Simulation) && news.Any(occurrence => occurrence.Kind == EventKinds.SimulationResumed && occurrence.SteeredBy != state.Definition.Id);
        var hasChanged = wasReopened || wasResumed || member.Status != before.Status || member.IsPausedByOthers != before.IsPausedByOthers || member.Progress != before.Progress || !ReferenceEquals(member.Metrics, before.Metrics);
        var after = state with
        {
            Status = ScenarioStatus.Live,
            Members = state.Members.SetItem(observed.Simulation, member),
            ChangedAt = hasChanged ? state.ChangedAt ?? now : state.ChangedAt,
        };
        if (wasResumed)
        {
            after = Steering.LetGo(after, observed.Simulation);
        }

        if (member.IsPausedByOthers)
        {
            after = Steering.LeaveAlone(after, observed.Simulation);
        }

        if (wasReopened)
        {
            after = Steering.TellAnew(after, observed.Simulation);
        }
        else if (news.Any(static occurrence => occurrence.Kind == EventKinds.SimulationResumed))
        {
            after = Steering.TellAgain(after, observed.Simulation);
        }

        return member.HasEnded && (wasReopened || !before.HasEnded) ? EndIfAllEnded(Evaluate(after, now), now) : after;
    }

    private static ScenarioMember Take(ScenarioMember member, OrchestratorEvent occurrence, ScenarioId comparison)
    {
        var metrics = member.Metrics;
        foreach (var (name, value) in occurrence.Metrics ?? ImmutableSortedDictionary<string, double>.Empty)
        {
            if (metrics.ContainsKey(name) || metrics.Count < ScenarioMember.MetricsMax)
            {
                metrics = metrics.SetItem(name, value);
            }
        }

        var status = StatusAfter(occurrence.Kind, member.Status);
        return member with
        {
            Status = status,
            Metrics = metrics,
            IsActive = occurrence.Kind switch
            {
                EventKinds.StageGranted or EventKinds.StageStarted or EventKinds.StageProgressed => status < SimulationStatus.Completed,
                EventKinds.AttemptEnded or EventKinds.SimulationPaused => false,
                _ => member.IsActive && status < SimulationStatus.Completed,
            },
            IsPausedByOthers = status is SimulationStatus.Pausing or SimulationStatus.Paused
                && (occurrence.Kind is EventKinds.SimulationPausing or EventKinds.SimulationPaused ? occurrence.SteeredBy != comparison : member.IsPausedByOthers),
            Reported = occurrence.Metrics is { IsEmpty: false } ? occurrence.Sequence : member.Reported,
            CoreHours = occurrence is { Kind: EventKinds.AttemptEnded, Use: { } use } ? member.CoreHours + use.CoreTime.TotalHours : member.CoreHours,
            Attempts = occurrence.Kind == EventKinds.AttemptEnded ? member.Attempts + 1 : member.Attempts,
            FailedAttempts = occurrence is { Kind: EventKinds.AttemptEnded, End: { } end } && string.Equals(end, nameof(AttemptEnd.Failed), StringComparison.OrdinalIgnoreCase) ? member.FailedAttempts + 1 : member.FailedAttempts,

            // How much of it is done again is known with its next report: until then it has come to no rung.
            Progress = status == SimulationStatus.Completed ? 1 : occurrence.Kind == EventKinds.SimulationReopened ? 0 : occurrence.SimulationProgress is { } progress and >= 0 and <= 1 ? progress : member.Progress,
        };
    }

    private static SimulationStatus StatusAfter(string kind, SimulationStatus before) => kind switch
    {
        EventKinds.SimulationSubmitted => SimulationStatus.Pending,
        EventKinds.StageStarted or EventKinds.StageProgressed when before is SimulationStatus.Pending or SimulationStatus.Absent => SimulationStatus.Running,
        EventKinds.SimulationPausing => SimulationStatus.Pausing,
        EventKinds.SimulationPaused => SimulationStatus.Paused,
        EventKinds.SimulationResumed or EventKinds.SimulationReopened => SimulationStatus.Running,
        EventKinds.SimulationCancelling => SimulationStatus.Cancelling,
        EventKinds.SimulationCompleted => SimulationStatus.Completed,
        EventKinds.SimulationFailed => SimulationStatus.Failed,
        EventKinds.SimulationCancelled => SimulationStatus.Cancelled,
        _ => before,
    };

    private static ScenarioState Evaluate(ScenarioState state, DateTimeOffset now)
    {
        if (state.ChangedAt is null)
        {
            return state;
        }

        var evaluation = ScenarioEvaluation.Evaluate(state.Definition, state.Members);
        var after = Steering.Follow(state with { ChangedAt = null, EvaluatedAt = now, Evaluation = evaluation, Samples = Reprioritization.Sample(state) });
        var means = state.Definition.Metric is { } objective
            ? evaluation.Where(static variant => variant.Rank > 0).ToImmutableSortedDictionary(static variant => variant.Name, variant => variant.Metrics[objective].Mean)
            : null;
        after = Emit(after, now, EventKinds.ScenarioEvaluated, EvaluatedText(state.Definition, evaluation), means);
        return Reprioritize(after, force: false, now);
    }

    /// <summary>Thinks over priorities and shares when the interval has passed; what changes, or that nothing does when somebody asked, is an event.</summary>
    private static ScenarioState Reprioritize(ScenarioState state, bool force, DateTimeOffset now)
    {
        if (state.Definition.Steering == ScenarioSteering.Off || (!force && !(now - state.ReprioritizedAt >= state.Definition.Reallocation.Interval)))
        {
            return state;
        }

        var after = Reprioritization.Run(state, force, now);
        return force || after.Priorities.Changes.Length != state.Priorities.Changes.Length || after.Moves.Length != state.Moves.Length || !ReferenceEquals(after.Shares, state.Shares)
            ? Emit(after, now, EventKinds.ScenarioReprioritized, string.Join(' ', after.Advice), after.Priorities.Priorities.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value.Value))
            : after;
    }

    private static ScenarioState Override(ScenarioState state, ScenarioInput.Override set, DateTimeOffset now)
    {
        if (!state.Definition.Variants.ContainsKey(set.Variant))
        {
            return state;
        }

        var priorities = set.Priority is { } value ? state.Priorities.Override(set.Variant, value, set.By, set.Note, now) : state.Priorities.TakeBack(set.Variant, set.By, set.Note, now);
        if (ReferenceEquals(priorities, state.Priorities))
        {
            return state;
        }

        var text = set.Priority is null
            ? $"the priority of {set.Variant} follows its evaluation again"
            : string.Create(CultureInfo.InvariantCulture, $"the priority of {set.Variant} was set to {priorities.Of(set.Variant):F2}");
        var after = Steering.Follow(Reprioritization.MoveShares(state with { Priorities = priorities }, now));
        return Emit(after, now, EventKinds.ScenarioReprioritized, $"{text}{(set.By.Length > 0 ? $" by {set.By}" : "")}{(set.Note.Length > 0 ? $": {set.Note}" : "")}", null);
    }

    private static ScenarioState EndIfAllEnded(ScenarioState state, DateTimeOffset now) =>
        state.Members.Values.All(static member => member.HasEnded)
            ? Steering.Finish(Evaluate(state, now)) with { Status = ScenarioStatus.Ended }
            : state;

    private static ScenarioState Publish(ScenarioState state, long sequence)
    {
        var left = state.Outbox.RemoveAll(occurrence => occurrence.Sequence <= sequence);
        return left.Length == state.Outbox.Length ? state : state with { Outbox = left };
    }

    private static ScenarioState KeepCursors(ScenarioState state, ImmutableSortedDictionary<SimulationId, long> cursors)
    {
        var members = state.Members;
        foreach (var (id, cursor) in cursors)
        {
            if (members.TryGetValue(id, out var member) && cursor > member.CursorKept && cursor <= member.Cursor)
            {
                members = members.SetItem(id, member with { CursorKept = cursor });
            }
        }

        return ReferenceEquals(members, state.Members) ? state : state with { Members = members };
    }

    private static ScenarioState ForgetCursors(ScenarioState state, ImmutableArray<SimulationId> simulations)
    {
        if (simulations.Length > 0)
        {
            var left = state.Dropped.RemoveRange(simulations);
            return left.Length == state.Dropped.Length ? state : state with { Dropped = left };
        }

        // It may have become live again meanwhile: then the cursors are to be registered anew.
        return state.Dropped.IsEmpty && state.Members.Values.All(static member => member.CursorKept < 0)
            ? state
            : state with
            {
                Dropped = [],
                Members = state.Members.ToImmutableSortedDictionary(static member => member.Key, static member => member.Value with { CursorKept = -1 }),
            };
    }

    private static ScenarioState Emit(ScenarioState state, DateTimeOffset now, string kind, string text, ImmutableSortedDictionary<string, double>? metrics)
    {
        var owner = state.Definition.Owner;
        var occurrence = new OrchestratorEvent
        {
            Kind = kind,
            Source = state.Definition.Id.Value,
            Sequence = state.EventSequence + 1,
            At = now,
            Text = text,
            Campaign = state.Definition.Campaign.Length == 0 ? null : state.Definition.Campaign,
            Scenario = state.Definition.Id,
            Project = owner.Institution.Length > 0 && owner.Project.Length > 0 ? $"{owner.Institution}/{owner.Project}" : owner.Project.Length > 0 ? owner.Project : null,
            User = owner.User.Length == 0 ? null : owner.User,
            Metrics = metrics,
        };
        return state with { EventSequence = occurrence.Sequence, Outbox = state.Outbox.Add(occurrence) };
    }

    private static string DefinedText(ScenarioDefinition definition, int members) => string.Create(
        CultureInfo.InvariantCulture,
        $"{definition.Variants.Count} variants with {members} members are compared{(definition.Metric is { } metric ? $" by {metric}, {(definition.HigherIsBetter ? "higher" : "lower")} is better" : "")}");

    private static string EvaluatedText(ScenarioDefinition definition, ImmutableArray<VariantEvaluation> evaluation)
    {
        if (definition.Metric is not { } metric)
        {
            return "variants were summarized; there is no objective to rank them by";
        }

        var ranked = evaluation.Where(static variant => variant.Rank > 0).Take(3).Select(variant =>
        {
            var summary = variant.Metrics[metric];
            return string.Create(CultureInfo.InvariantCulture, $"{variant.Rank}. {variant.Name} ({metric} {summary.Mean:G6} ± {summary.StandardDeviation:G3}, {summary.Count} members)");
        }).ToList();
        return ranked.Count == 0 ? $"no member reported {metric} yet" : string.Join(", ", ranked);
    }
}
