using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class PriorityInheritanceTests
{
    private static readonly Dictionary<string, PriorityClass> Classes = new()
    {
        ["prepare"] = PriorityClass.Low, ["solve"] = PriorityClass.Medium, ["plot"] = PriorityClass.Critical, ["archive"] = PriorityClass.Background, ["other"] = PriorityClass.Low,
    };

    /// <summary>prepare, then solve, then plot and archive.</summary>
    private static readonly Dictionary<string, ImmutableArray<string>> Parents = new() { ["solve"] = ["prepare"], ["plot"] = ["solve"], ["archive"] = ["solve"] };

    [Theory]
    [InlineData(InheritanceDirection.None, "archive:Background other:Low plot:Critical prepare:Low solve:Medium")]
    [InlineData(InheritanceDirection.ChildrenToParents, "archive:Background other:Low plot:Critical prepare:Critical solve:Critical")]
    [InlineData(InheritanceDirection.ParentsToChildren, "archive:Medium other:Low plot:Critical prepare:Low solve:Medium")]
    [InlineData(InheritanceDirection.Both, "archive:Medium other:Low plot:Critical prepare:Critical solve:Critical")]
    public void Classes_are_inherited_over_any_number_of_steps_and_nobody_gets_a_lower_one(InheritanceDirection direction, string expected) =>
        string.Join(' ', PriorityInheritance.Effective(Classes, Parents, direction).Select(pair => $"{pair.Key}:{pair.Value}")).ShouldBe(expected);

    [Fact]
    public void A_circle_is_named()
    {
        var parents = new Dictionary<string, ImmutableArray<string>>(Parents) { ["prepare"] = ["plot"] };

        Should.Throw<ArgumentException>(() => PriorityInheritance.Effective(Classes, parents, InheritanceDirection.Both))
            .Message.ShouldStartWith("Priority is inherited in a circle: solve → prepare → plot → solve.");
    }

    [Fact]
    public void One_that_waits_for_itself_is_a_circle_and_one_that_waits_for_a_stranger_is_named()
    {
        Should.Throw<ArgumentException>(() => PriorityInheritance.Effective(Classes, new Dictionary<string, ImmutableArray<string>> { ["solve"] = ["solve"] }, InheritanceDirection.Both))
            .Message.ShouldContain("solve → solve");
        Should.Throw<ArgumentException>(() => PriorityInheritance.Effective(Classes, new Dictionary<string, ImmutableArray<string>> { ["solve"] = ["gone"] }, InheritanceDirection.Both))
            .Message.ShouldContain("solve waits for gone");
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_is_no_matter()
    {
        var classes = Enumerable.Range(0, 100_000).ToDictionary(number => $"t{number}", number => number == 99_999 ? PriorityClass.High : PriorityClass.Low);
        var parents = Enumerable.Range(1, 99_999).ToDictionary(number => $"t{number}", number => ImmutableArray.Create($"t{number - 1}"));

        PriorityInheritance.Effective(classes, parents, InheritanceDirection.ChildrenToParents).Values.ShouldAllBe(level => level == PriorityClass.High);
    }
}
