using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>How far people arrange for themselves.</summary>
public sealed class SubmitterLimitsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Principal Sam = new() { Institution = "lab", User = "sam", Projects = ["heat"], Role = Role.Submitter };
    private static readonly SubmitterLimits Limits = new();

    private static readonly Reservation Own = new()
    {
        Id = "r",
        Start = Now.AddDays(1),
        End = Now.AddDays(2),
        Owner = new() { Institution = "lab", Project = "heat", User = "sam", Account = new AccountId("p-lab.heat") },
    };

    [Fact]
    public void A_submitter_lifts_own_work_up_to_the_ceiling_and_an_operator_to_the_top()
    {
        Limits.Problem(new PrioritySetting { Target = "s-1", Value = 0.5, Class = PriorityClass.High }, Sam).ShouldBeNull();
        Limits.Problem(new PrioritySetting { Target = "s-1", Value = 0.51 }, Sam).ShouldBe("value: it is 0.51; up to 0.5 is allowed to sam@lab, and more to an operator.");
        Limits.Problem(new PrioritySetting { Target = "s-1", Class = PriorityClass.Critical }, Sam).ShouldNotBeNull().ShouldStartWith("class: it is critical; up to high");
        Limits.Problem(new PrioritySetting { Target = "s-1", Value = 1, Class = PriorityClass.Critical }, Sam with { Role = Role.Operator }).ShouldBeNull();
    }

    [Fact]
    public void A_submitter_reserves_for_himself_in_own_projects_for_a_bounded_time()
    {
        Limits.Problem(Own, Sam, Now).ShouldBeNull();
        Problem(Own with { Owner = Own.Owner with { User = "eve" } }).ShouldStartWith("owner:");
        Problem(Own with { Owner = Own.Owner with { Project = "ice" } }).ShouldBe("project: \"lab/ice\" is not of sam@lab; lab/heat is allowed.");
        Problem(Own with { Owner = Own.Owner with { Institution = "other" } }).ShouldStartWith("project:");
        Problem(Own with { Owner = Own.Owner with { Account = new AccountId("p-lab.ice") } }).ShouldStartWith("account: p-lab.ice does not pay for lab/heat");
        Problem(Own with { Priority = PriorityClass.Critical }).ShouldStartWith("class:");
        Problem(Own with { End = Own.Start.AddDays(7).AddHours(1) }).ShouldBe("end: it lasts 7.04 days; up to 7 days is allowed to sam@lab, and more to an operator.");
        Problem(Own with { Start = Now.AddDays(61), End = Now.AddDays(62) }).ShouldStartWith("start:");
        new SubmitterLimits { ReservationNodes = 2 }.Problem(Own with { Wanted = new() { Nodes = 3 } }, Sam, Now).ShouldNotBeNull().ShouldStartWith("wanted.nodes: 3 nodes; up to 2");

        static string Problem(Reservation reservation)
        {
            Limits.Problem(reservation, Sam with { Role = Role.Operator }, Now).ShouldBeNull();
            return Limits.Problem(reservation, Sam, Now).ShouldNotBeNull();
        }
    }
}
