using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>What people arrange at a cluster: windows, reservations, priorities, deadlines, licences, energy, the policy.</summary>
public static class ClusterArrangements
{
    /// <summary>Of a kilowatt-hour, in whatever currency, at most: sums of prices stay exact enough to be compared.</summary>
    private const double PriceMost = 1e9;

    /// <summary>Why it is refused, as a sentence that names the field; null: it is not.</summary>
    internal static string? Refusal(ClusterState state, ClusterInput input, ClusterPolicy policy, DateTimeOffset now) => input switch
    {
        ClusterInput.WindowsAdded { Windows.IsEmpty: true } => "windows: there is none; at least one is needed.",
        ClusterInput.WindowsAdded added => Words(WindowPlanner.Add(added.Windows, ClusterPlanning.Arranged(state), state.Windows.Values, now).Refusals),
        ClusterInput.WindowCancelled cancelled => state.Windows.TryGetValue(cancelled.Window, out var window)
            ? Words(WindowMachine.Step(window, new WindowInput.Cancelled(cancelled.By, cancelled.Reason), now).Refusal)
            : $"id: there is no window \"{cancelled.Window}\".",
        ClusterInput.WindowCompleted completed => state.Windows.TryGetValue(completed.Window, out var window)
            ? Words(WindowMachine.Step(window, new WindowInput.Completed(), now).Refusal)
            : $"id: there is no window \"{completed.Window}\".",
        ClusterInput.ReservationRequested requested => state.Reservations.ContainsKey(requested.Reservation.Id)
            ? $"id: there is a reservation \"{requested.Reservation.Id}\" already; choose another name."
            : requested.Reservation.Simulation.Length > 0 ? "simulation: protection alone makes such reservations."
            : Words([.. ReservationMachine.Problems(requested.Reservation, state.Reservations.Values, now)]),
        ClusterInput.ReservationCancelled cancelled => state.Reservations.TryGetValue(cancelled.Reservation, out var reservation)
            ? reservation.State == ReservationState.Cancelled ? null : Words(ReservationMachine.Step(reservation, new ReservationInput.Cancelled(cancelled.By, cancelled.Reason), now).Refusal)
            : $"id: there is no reservation \"{cancelled.Reservation}\".",
        ClusterInput.ReservationCompleted completed => state.Reservations.TryGetValue(completed.Reservation, out var reservation)
            ? reservation.State == ReservationState.Completed ? null : Words(ReservationMachine.Step(reservation, new ReservationInput.Completed(), now).Refusal)
            : $"id: there is no reservation \"{completed.Reservation}\".",
        ClusterInput.ConflictDecided decided => state.Conflicts.TryGetValue(decided.Conflict, out var conflict)
            ? Words(ReservationPlanner.Decide(conflict, decided.Newer, decided.By, ClusterPlanning.Arranged(state), ClusterPlanning.SettingsOf(state, policy), now).Refusals)
            : $"conflict: there is no conflict \"{decided.Conflict}\".",
        ClusterInput.PrioritySet set => PrioritySetting.Problem(set.Priority),
        ClusterInput.DeadlineSet set => set.Deadline.Simulation.Value is null ? "simulation: it is missing." : null,
        ClusterInput.PolicySet set => PolicyProblem(set.Policy),
        ClusterInput.LicencesSet set => set.Licences.FirstOrDefault(static licence => licence.Key.Length == 0 || licence.Value < 0) is { Key: not null } licence
            ? FormattableString.Invariant($"licences.{licence.Key}: it is {licence.Value}; at least 0 is allowed.")
            : null,
        ClusterInput.LicencesChanged changed => changed.Licences.FirstOrDefault(static licence => licence.Key.Length == 0 || licence.Value < -1) is { Key: not null } licence
            ? FormattableString.Invariant($"licences.{licence.Key}: it is {licence.Value}; at least 0 is allowed, or -1 for none.")
            : null,
        ClusterInput.EnergySet set => EnergyProblem(set),
        _ => null,
    };

    internal static void Decide(ClusterDraft draft, ClusterInput input, ClusterPolicy policy)
    {
        var state = draft.State;
        if (Refusal(state, input, policy, draft.Now) is not null)
        {
            return;
        }

        switch (input)
        {
            case ClusterInput.Passed:
                Pass(draft, ClusterPlanning.SettingsOf(state, policy));
                break;
            case ClusterInput.WindowsAdded added:
                var decision = WindowPlanner.Add(added.Windows, ClusterPlanning.Arranged(state), state.Windows.Values, draft.Now);
                Store(draft, decision.Windows, decision.Reservations, decision.Conflicts);
                break;
            case ClusterInput.WindowCancelled cancelled:
                Store(draft, [WindowMachine.Step(state.Windows[cancelled.Window], new WindowInput.Cancelled(cancelled.By, cancelled.Reason), draft.Now).Window], [], []);
                break;
            case ClusterInput.WindowCompleted completed:
                Store(draft, [WindowMachine.Step(state.Windows[completed.Window], new WindowInput.Completed(), draft.Now).Window], [], []);
                break;
            case ClusterInput.ReservationRequested requested:
                Request(draft, requested.Reservation with { RequestedAt = draft.Now }, ClusterPlanning.SettingsOf(state, policy));
                break;
            case ClusterInput.ReservationCancelled cancelled when !state.Reservations[cancelled.Reservation].IsOver:
                Store(draft, [], [ReservationMachine.Step(state.Reservations[cancelled.Reservation], new ReservationInput.Cancelled(cancelled.By, cancelled.Reason), draft.Now).Reservation], []);
                break;
            case ClusterInput.ReservationCompleted completed when !state.Reservations[completed.Reservation].IsOver:
                Store(draft, [], [ReservationMachine.Step(state.Reservations[completed.Reservation], new ReservationInput.Completed(), draft.Now).Reservation with { Reason = completed.By.Length == 0 ? "" : $"done before its end ({completed.By})" }], []);
                break;
            case ClusterInput.ConflictDecided decided:
                Store(draft, ReservationPlanner.Decide(
                    state.Conflicts[decided.Conflict], decided.Newer, decided.By, ClusterPlanning.Arranged(state), ClusterPlanning.SettingsOf(state, policy), draft.Now));
                break;
            case ClusterInput.PrioritySet set:
                SetPriority(draft, set.Priority);
                break;
            case ClusterInput.DeadlineSet set when !(state.Deadlines.TryGetValue(set.Deadline.Simulation.Value, out var known) && known.Deadline == set.Deadline.Deadline):
                draft.Add(new ClusterFact.DeadlineSet { Deadline = set.Deadline with { At = draft.Now } });
                break;
            case ClusterInput.PolicySet set when set.Policy != state.Policy:
                draft.Add(new ClusterFact.PolicySet { Policy = set.Policy, By = set.By });
                break;
            case ClusterInput.LicencesSet set when !set.Licences.SequenceEqual(state.Licences):
                draft.Add(new ClusterFact.LicencesSet { Licences = set.Licences, By = set.By });
                break;
            case ClusterInput.LicencesChanged changed when Changed(state.Licences, changed.Licences) is var licences && !licences.SequenceEqual(state.Licences):
                draft.Add(new ClusterFact.LicencesSet { Licences = licences, By = changed.By });
                break;
            case ClusterInput.EnergySet set when set.Energy.Mode != state.Energy.Mode || !set.Energy.Prices.SequenceEqual(state.Energy.Prices):
                draft.Add(new ClusterFact.EnergySet { Energy = set.Energy, By = set.By });
                break;
            case ClusterInput.SpeedsLearned learned when !ReferenceEquals(learned.Speeds, state.Speeds):
                draft.Add(new ClusterFact.SpeedsLearned { Speeds = learned.Speeds });
                break;
            case ClusterInput.HookSaid said when !said.Verdicts.SaysTheSameAs(state.Hook):
                draft.Add(new ClusterFact.HookSaid { Verdicts = said.Verdicts });
                break;
            case ClusterInput.ReservationCancelled or ClusterInput.ReservationCompleted or ClusterInput.DeadlineSet or ClusterInput.PolicySet or ClusterInput.LicencesSet or ClusterInput.LicencesChanged or ClusterInput.EnergySet
                or ClusterInput.SpeedsLearned or ClusterInput.HookSaid:
                // It is so already.
                break;
            default:
                throw new UnreachableException($"A cluster cannot take {input}.");
        }
    }

    /// <summary>The next moment at which a window or reservation begins or ends; null: none does.</summary>
    internal static DateTimeOffset? NextEdge(ClusterState state, DateTimeOffset now)
    {
        var window = WindowPlanner.NextChange(state.Windows.Values, now);
        var reservation = ReservationPlanner.NextChange(state.Reservations.Values, now);
        return window is null || reservation < window ? reservation ?? window : window;
    }

    /// <summary>Who stands in the way of a window.</summary>
    public static ImmutableArray<WindowBlocker> BlockersOf(ClusterState state, MaintenanceWindow window, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(settings);
        if (window.IsOver)
        {
            return [];
        }

        var problem = ClusterPlanning.Arranged(state);
        return [.. WindowRules.BlockedBy(window, problem.Running, new(problem.Nodes, problem.Running, settings.Protection), settings, now)];
    }

    /// <summary>Forgets what was over long ago.</summary>
    internal static void Tidy(ClusterDraft draft, ClusterPolicy policy)
    {
        var state = draft.State;
        var longAgo = draft.Now - policy.ForgetArrangementsAfter;
        foreach (var window in state.Windows.Values.Where(window => window.IsOver && window.EndedAt is { } ended && ended <= longAgo))
        {
            draft.Add(new ClusterFact.WindowForgotten { Window = window.Id });
        }

        foreach (var reservation in state.Reservations.Values.Where(reservation => reservation.IsOver && reservation.EndedAt is { } ended && ended <= longAgo))
        {
            draft.Add(new ClusterFact.ReservationForgotten { Reservation = reservation.Id });
        }

        var live = state.Epochs.Keys.Select(static stage => stage[..stage.IndexOf('/', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        var campaigns = state.Queue.Values.Select(static queued => queued.Request.Campaign).Concat(state.Leases.Values.Select(static lease => lease.Request.Campaign)).ToHashSet(StringComparer.Ordinal);
        var forgotten = new ClusterFact.SettingsForgotten
        {
            Targets = Sorted(state.Priorities.Values.Where(setting => setting.At <= longAgo && !IsLive(setting.Target)).Select(static setting => setting.Target)),
            Conflicts = Sorted(state.Conflicts.Values.Where(conflict => conflict.Resolved && conflict.ResolvedAt <= longAgo).Select(static conflict => conflict.Id)),
            Deadlines = Sorted(state.Deadlines.Values.Where(setting => setting.At <= longAgo && !live.Contains(setting.Simulation.Value)).Select(static setting => setting.Simulation.Value)),
            Preemptions = Sorted(state.Preempted.Where(pair => pair.Value[^1] <= draft.Now - ClusterFold.PreemptedFor).Select(static pair => pair.Key)),
        };
        if (forgotten is not { Targets.IsEmpty: true, Conflicts.IsEmpty: true, Deadlines.IsEmpty: true, Preemptions.IsEmpty: true })
        {
            draft.Add(forgotten);
        }

        bool IsLive(string target) => live.Contains(target) || state.Epochs.ContainsKey(target) || campaigns.Contains(target);

        static ImmutableArray<string> Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
    }

    private static void SetPriority(ClusterDraft draft, PrioritySetting setting)
    {
        var target = PrioritySetting.TargetOf(setting.Target);
        var known = draft.State.Priorities.GetValueOrDefault(target);

        // People and scenarios do not know of each other: what one says leaves what the other said.
        var promise = setting.ForgetsPromise ? null : setting.Promise ?? known?.Promise;
        var share = setting.ForgetsShare ? null : setting.Share ?? known?.Share;
        var isOfScenario = setting.Promise is not null || setting.ForgetsPromise || setting.Share is not null || setting.ForgetsShare;
        var merged = isOfScenario && !setting.IsOfPriority
            ? (known ?? new() { By = setting.By }) with { Promise = promise, Share = share, Project = Said(setting.Project, known?.Project), Campaign = Said(setting.Campaign, known?.Campaign) }
            : setting with { Promise = promise, ForgetsPromise = false, Share = share, ForgetsShare = false };
        if (known is null ? !merged.IsEmpty : (known.Value, known.Class, known.Promise, known.Share) != (merged.Value, merged.Class, merged.Promise, merged.Share))
        {
            draft.Add(new ClusterFact.PrioritySet { Priority = merged with { Target = target, At = draft.Now } });
        }
    }

    /// <summary>What is said of the work, or else what was.</summary>
    private static string Said(string now, string? before) => now.Length > 0 ? now : before ?? "";

    private static void Pass(ClusterDraft draft, SchedulingSettings settings)
    {
        if (draft.State.Windows.IsEmpty && draft.State.Reservations.IsEmpty)
        {
            return;
        }

        Store(draft, WindowPlanner.Tick(ClusterPlanning.Arranged(draft.State), draft.State.Windows.Values, settings, draft.Now), [], []);
        Store(draft, [], ReservationPlanner.Tick(ClusterPlanning.Arranged(draft.State), settings, draft.Now), []);

        // What was asked for and found no nodes is asked for again: others may have gone.
        foreach (var open in draft.State.Reservations.Values.Where(static reservation => reservation.State == ReservationState.Requested).OrderBy(static reservation => reservation.RequestedAt))
        {
            if (ReservationPlanner.Request(open, ClusterPlanning.Arranged(draft.State), settings, draft.Now) is { Reservation.State: ReservationState.Confirmed } decision)
            {
                Store(draft, decision);
            }
        }

        foreach (var conflict in draft.State.Conflicts.Values.Where(conflict => !conflict.Resolved))
        {
            var reservation = draft.State.Reservations.GetValueOrDefault(conflict.Reservation);
            if (reservation?.State != ReservationState.Requested)
            {
                var resolution = reservation is { State: ReservationState.Confirmed or ReservationState.Active } ? "the others went" : $"{conflict.Reservation} is not open any more";
                draft.Add(new ClusterFact.ConflictSet { Conflict = conflict with { Resolved = true, ResolvedAt = draft.Now, Resolution = resolution } });
            }
        }
    }

    private static void Request(ClusterDraft draft, Reservation reservation, SchedulingSettings settings)
    {
        var decision = ReservationPlanner.Request(reservation, ClusterPlanning.Arranged(draft.State), settings, draft.Now);
        draft.Decided = decision;
        Store(draft, decision);
    }

    private static void Store(ClusterDraft draft, ReservationDecision decision)
    {
        Store(draft, decision.Windows, decision.Reservation is { } reservation ? [reservation, .. decision.Others] : decision.Others, decision.Conflicts);
    }

    /// <summary>What is not as it was; the others have it so already.</summary>
    private static void Store(ClusterDraft draft, ImmutableArray<MaintenanceWindow> windows, ImmutableArray<Reservation> reservations, ImmutableArray<ReservationConflict> conflicts)
    {
        foreach (var window in windows.Where(window => !ReferenceEquals(draft.State.Windows.GetValueOrDefault(window.Id), window)))
        {
            draft.Add(new ClusterFact.WindowSet { Window = window });
        }

        foreach (var reservation in reservations.Where(reservation => !ReferenceEquals(draft.State.Reservations.GetValueOrDefault(reservation.Id), reservation)))
        {
            draft.Add(new ClusterFact.ReservationSet { Reservation = reservation });
        }

        foreach (var conflict in conflicts)
        {
            draft.Add(new ClusterFact.ConflictSet { Conflict = conflict });
        }
    }

    private static string? Words(ArrangementRefusal? refusal) => refusal?.ToString();

    private static string? Words(ImmutableArray<ArrangementRefusal> refusals) => refusals.IsEmpty ? null : string.Join("; ", refusals);

    private static ImmutableSortedDictionary<string, int> Changed(ImmutableSortedDictionary<string, int> licences, ImmutableSortedDictionary<string, int> changes)
    {
        foreach (var (name, count) in changes)
        {
            licences = count < 0 ? licences.Remove(name) : licences.SetItem(name, count);
        }

        return licences;
    }

    private static string? PolicyProblem(string text)
    {
        try
        {
            return PolicyText.Read(text) is { } settings ? Words(SettingsRules.Problems(settings)) : null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }

    private static string? EnergyProblem(ClusterInput.EnergySet set)
    {
        for (var i = 0; i < set.Energy.Prices.Length; i++)
        {
            if (set.Energy.Prices[i] is null)
            {
                return FormattableString.Invariant($"prices[{i}]: it is missing; a moment and a price are needed.");
            }

            if (i > 0 && set.Energy.Prices[i].From <= set.Energy.Prices[i - 1].From)
            {
                return FormattableString.Invariant($"prices[{i}].from: {set.Energy.Prices[i].From:u} is not after the one before.");
            }

            if (!(Math.Abs(set.Energy.Prices[i].PerKilowattHour) <= PriceMost))
            {
                return FormattableString.Invariant($"prices[{i}].perKilowattHour: it is {set.Energy.Prices[i].PerKilowattHour}; -{PriceMost:0} to {PriceMost:0} are allowed.");
            }
        }

        return Enum.IsDefined(set.Energy.Mode) ? null : "mode: performance, balanced, efficiency and night savings are allowed.";
    }
}
