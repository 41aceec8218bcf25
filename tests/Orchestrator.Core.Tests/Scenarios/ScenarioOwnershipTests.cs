using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scenarios;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

/// <summary>Who says what a set compares: whoever did first.</summary>
public sealed class ScenarioOwnershipTests
{
    private static readonly Principal Ada = new() { Institution = "climate", User = "ada", Projects = ["attribution"], Role = Role.Submitter };

    private static readonly ScenarioDefinition First = Definition("control: a; 4x: b");

    [Fact]
    public void Whoever_defined_it_and_operators_define_it_again()
    {
        var state = After(new ScenarioInput.Define(First));

        ScenarioMachine.Refusal(new(), First, Ada).ShouldBeNull();
        ScenarioMachine.Refusal(state, First, Ada).ShouldBeNull();
        ScenarioMachine.Refusal(state, First, null).ShouldBeNull("the system does");
        ScenarioMachine.Refusal(state, First with { Owner = First.Owner with { User = "olga" } }, new() { Institution = "climate", User = "olga", Role = Role.Operator }).ShouldBeNull();
    }

    [Fact]
    public void Nobody_defines_what_is_anothers_nor_in_anothers_name()
    {
        var state = After(new ScenarioInput.Define(First));
        var stan = new Principal { Institution = "other", User = "stan", Role = Role.Administrator };
        var cora = Ada with { User = "cora" };

        ScenarioMachine.Refusal(state, First with { Owner = new() { Institution = "other", Project = "attribution", User = "stan" } }, stan).ShouldBe("id: \"o-co2\" is the name of a campaign of others; another name is allowed.");
        ScenarioMachine.Refusal(state, First, stan).ShouldNotBeNull().ShouldStartWith("owner.project: \"climate/attribution\" is not of stan@other; any of other");
        ScenarioMachine.Refusal(state, First, cora).ShouldBe("owner.user: it is \"ada\"; cora is allowed.");
        ScenarioMachine.Refusal(state, First with { Owner = First.Owner with { User = "cora" } }, cora).ShouldNotBeNull().ShouldContain("ada");
        ScenarioMachine.Refusal(new(), First with { Owner = First.Owner with { Project = "water" } }, Ada).ShouldNotBeNull().ShouldContain("climate/attribution is allowed");
    }

    [Fact]
    public void An_operator_who_adds_to_it_does_not_take_it_over()
    {
        var state = After(new ScenarioInput.Define(First), new ScenarioInput.Define(Definition("control: a; 4x: b c") with { Owner = First.Owner with { User = "olga" } }));

        state.Definition.Owner.User.ShouldBe("ada");
        state.Members.Count.ShouldBe(3);
    }
}
