using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Tests.Scheduling.Reservations;

/// <summary>Whose work a reservation lets in, and what becomes of work that names one which does not.</summary>
public sealed class ReservationEntryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly Reservation OfAda = new() { Id = "lab", State = ReservationState.Confirmed, Start = Start, End = Start.AddHours(4), Owner = Of("eth", "climate", "ada") };

    private static readonly Reservation OfProject = OfAda with { Id = "course", Owner = Of("eth", "climate", "") };

    [Theory]
    [InlineData("eth", "climate", "ada", true, true)]
    [InlineData("eth", "water", "ada", true, false)]
    [InlineData("eth", "climate", "bob", false, true)]
    [InlineData("uni", "climate", "ada", false, false)]
    [InlineData("uni", "climate", "bob", false, false)]
    public void Names_of_users_and_projects_count_within_their_institution_alone(string institution, string project, string user, bool entersAdas, bool entersProjects)
    {
        ReservationEntry.IsFor(OfAda, Of(institution, project, user)).ShouldBe(entersAdas);
        ReservationEntry.IsFor(OfProject, Of(institution, project, user)).ShouldBe(entersProjects);
        ReservationEntry.IsFor(OfProject with { Simulation = "s-1" }, Of(institution, project, user)).ShouldBeFalse("it is kept for one simulation");
    }

    [Fact]
    public void New_work_may_name_a_reservation_that_is_its_own_and_not_over()
    {
        var ada = Of("eth", "climate", "ada");

        Problem("", ada).ShouldBeNull();
        Problem("lab", ada).ShouldBeNull();
        Problem("labb", ada).ShouldBe("reservation: \"labb\" is no reservation for work of ada in eth/climate; course, lab, or none.");
        Problem("lab", Of("uni", "climate", "ada")).ShouldBe("reservation: \"lab\" is no reservation for work of ada in uni/climate; none, since there is no other.");
        ReservationEntry.Problem("lab", ada, [OfAda with { State = ReservationState.Cancelled, EndedAt = Start.AddHours(1) }, OfProject])
            .ShouldBe("reservation: \"lab\" is over since 2026-03-01 09:00:00Z; course, or none.");
    }

    [Fact]
    public void What_becomes_of_waiting_work_is_told_for_every_state_of_its_reservation()
    {
        Tell(null).ShouldBe("It names the reservation lab, which is none of its own, or is over since long: it waits like work without a reservation.");
        Tell(ReservationState.Requested).ShouldBe("Its reservation lab, from 2026-03-01 08:00:00Z to 2026-03-01 12:00:00Z, is not confirmed yet.");
        Tell(ReservationState.Confirmed).ShouldBe("Its reservation lab begins at 2026-03-01 08:00:00Z and lasts until 2026-03-01 12:00:00Z.");
        Tell(ReservationState.Active).ShouldBe("It runs inside of its reservation lab alone, which lasts until 2026-03-01 12:00:00Z.");
        Tell(ReservationState.Completed).ShouldBe("Its reservation lab is over since 2026-03-01 12:00:00Z: it waits like work without a reservation.");
        ReservationEntry.Tell("", OfAda.Owner, [OfAda]).ShouldBeNull();

        static string? Tell(ReservationState? state) => ReservationEntry.Tell("lab", OfAda.Owner, state is { } known ? [OfAda with { State = known }] : []);
    }

    private static string? Problem(string name, Ownership work) => ReservationEntry.Problem(name, work, [OfProject, OfAda, OfAda with { Id = "theirs", Owner = Of("eth", "climate", "bob") }]);

    private static Ownership Of(string institution, string project, string user) => new() { Institution = institution, Project = project, User = user };
}
