using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Reservations;

public sealed class ReservationMachineTests
{
    private static readonly DateTimeOffset Now = Make.Now;
    private static readonly NodeShare Share = new() { Node = Make.Id(1), Cores = [0, 1], Memory = 10 };

    private static readonly Reservation Requested = new() { Id = "r", Start = Now.AddHours(1), End = Now.AddHours(3), Wanted = new() { Threads = 2 }, RequestedAt = Now };

    /// <summary>The whole table: what each state makes of each input.</summary>
    [Fact]
    public void Every_state_answers_every_input()
    {
        (string Name, ReservationInput Input, DateTimeOffset At)[] inputs =
        [
            ("confirm", new ReservationInput.Confirmed([Share]), Now),
            ("confirm with nothing", new ReservationInput.Confirmed([]), Now),
            ("activate before", new ReservationInput.Activated(), Now),
            ("activate", new ReservationInput.Activated(), Now.AddHours(2)),
            ("activate after", new ReservationInput.Activated(), Now.AddHours(3)),
            ("complete", new ReservationInput.Completed(), Now.AddHours(2)),
            ("cancel", new ReservationInput.Cancelled("ann", ""), Now),
            ("preempt", new ReservationInput.Preempted("more important"), Now),
            ("elsewhere", new ReservationInput.Reallocated([Share with { Node = Make.Id(2) }]), Now),
            ("move", new ReservationInput.Moved(Now.AddHours(2), Now.AddHours(4)), Now),
            ("longer", new ReservationInput.Moved(Now.AddHours(1), Now.AddHours(4)), Now),
            ("tick before", new ReservationInput.Ticked(), Now),
            ("tick", new ReservationInput.Ticked(), Now.AddHours(1)),
            ("tick after", new ReservationInput.Ticked(), Now.AddHours(3)),
        ];

        var table = string.Join('\n', Enum.GetValues<ReservationState>().Skip(1)
            .Select(state => $"{state}: " + string.Join(", ", inputs.Select(input => $"{input.Name} {Answer(state, input.Input, input.At)}"))));

        table.ShouldBe("""
            Requested: confirm Confirmed, confirm with nothing refused(allocations), activate before refused(state), activate refused(state), activate after refused(state), complete refused(state), cancel Cancelled, preempt refused(state), elsewhere refused(state), move Requested, longer Requested, tick before same, tick same, tick after Cancelled
            Confirmed: confirm same, confirm with nothing refused(state), activate before refused(start), activate Active, activate after refused(end), complete refused(state), cancel Cancelled, preempt Preempted, elsewhere Confirmed, move refused(state), longer Confirmed, tick before same, tick Active, tick after Completed
            Active: confirm refused(state), confirm with nothing refused(state), activate before same, activate same, activate after same, complete Completed, cancel Cancelled, preempt Preempted, elsewhere Active, move refused(state), longer Active, tick before same, tick same, tick after Completed
            Completed: confirm refused(state), confirm with nothing refused(state), activate before refused(state), activate refused(state), activate after refused(state), complete refused(state), cancel refused(state), preempt refused(state), elsewhere refused(state), move refused(state), longer refused(state), tick before same, tick same, tick after same
            Cancelled: confirm refused(state), confirm with nothing refused(state), activate before refused(state), activate refused(state), activate after refused(state), complete refused(state), cancel refused(state), preempt refused(state), elsewhere refused(state), move refused(state), longer refused(state), tick before same, tick same, tick after same
            Preempted: confirm refused(state), confirm with nothing refused(state), activate before refused(state), activate refused(state), activate after refused(state), complete refused(state), cancel refused(state), preempt refused(state), elsewhere refused(state), move refused(state), longer refused(state), tick before same, tick same, tick after same
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_reservation_that_began_five_minutes_ago_is_activated()
    {
        var confirmed = Of(ReservationState.Confirmed) with { Start = Now.AddMinutes(-5) };

        var after = ReservationMachine.Step(confirmed, new ReservationInput.Activated(), Now);

        after.Refusal.ShouldBeNull();
        after.Reservation.State.ShouldBe(ReservationState.Active);
        after.Reservation.ActivatedAt.ShouldBe(Now);
    }

    [Fact]
    public void The_active_list_is_exactly_what_is_active()
    {
        var now = Of(ReservationState.Confirmed) with { Id = "now", Start = Now.AddMinutes(-5) };
        var later = Of(ReservationState.Confirmed) with { Id = "later" };

        var after = new[] { now, later }.Select(reservation => ReservationMachine.Step(reservation, new ReservationInput.Ticked(), Now).Reservation);

        ReservationMachine.Active(after).ShouldHaveSingleItem().Id.ShouldBe("now");
    }

    [Fact]
    public void One_that_is_not_preemptible_is_preempted_by_force_only()
    {
        var firm = Of(ReservationState.Active) with { Preemptible = false };

        ReservationMachine.Step(firm, new ReservationInput.Preempted("more important"), Now).Refusal.ShouldNotBeNull().Field.ShouldBe("preemptible");
        ReservationMachine.Step(firm, new ReservationInput.Preempted("an operator", Forced: true), Now).Reservation.State.ShouldBe(ReservationState.Preempted);
    }

    [Fact]
    public void A_refusal_names_what_it_is_and_what_is_allowed() =>
        ReservationMachine.Step(Of(ReservationState.Completed), new ReservationInput.Cancelled("ann", ""), Now).Refusal.ShouldNotBeNull()
            .Problem.ShouldBe("it is completed; only a requested, confirmed or active one can be cancelled");

    [Fact]
    public void Everything_that_is_wrong_with_a_request_is_said_at_once()
    {
        var wrong = Requested with
        {
            Id = "a/b",
            Kind = (ReservationKind)9,
            End = Requested.Start.AddHours(-1),
            Wanted = new() { Nodes = 0, Threads = 0, MemoryPerNode = -1, GpusPerNode = -1, Licences = Requested.Wanted.Licences.Add("matlab", 1) },
        };

        ReservationMachine.Problems(wrong, [], Now).Select(problem => problem.Field)
            .ShouldBe(["id", "kind", "end", "wanted.nodes", "wanted.cores", "wanted.memory", "wanted.gpus", "wanted.licences"]);
        ReservationMachine.Problems(Requested, [Requested], Now).ShouldHaveSingleItem().Field.ShouldBe("id");
        ReservationMachine.Problems(Requested, [], Now).ShouldBeEmpty();
    }

    private static Reservation Of(ReservationState state) => Requested with
    {
        State = state,
        Priority = PriorityClass.Medium,
        Allocations = state == ReservationState.Requested ? [] : [Share],
    };

    private static string Answer(ReservationState state, ReservationInput input, DateTimeOffset at)
    {
        var before = Of(state);
        var step = ReservationMachine.Step(before, input, at);
        return step.Refusal is { } refusal ? $"refused({refusal.Field})" : ReferenceEquals(step.Reservation, before) ? "same" : step.Reservation.State.ToString();
    }
}
