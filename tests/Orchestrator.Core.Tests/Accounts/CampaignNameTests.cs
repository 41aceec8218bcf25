using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Tests.Accounts;

public sealed class CampaignNameTests
{
    private static readonly Ownership Sam = Of("eth", "climate", "sam");

    [Fact]
    public void A_name_that_nobody_has_is_free_and_whoever_has_it_adds_to_it()
    {
        Problem(Sam).ShouldBeNull();
        Problem(Sam, Sam).ShouldBeNull();
        Problem(Sam, Of("eth", "climate", "olga"), Sam).ShouldBeNull("an operator added to it");
    }

    [Theory]
    [InlineData("uni", "climate", "sam")]
    [InlineData("eth", "water", "sam")]
    [InlineData("uni", "climate", "stan")]
    public void A_name_of_another_project_is_taken_and_strangers_do_not_learn_by_whom(string institution, string project, string user)
    {
        var holder = Of(institution, project, user);

        foreach (var role in new[] { Role.Submitter, Role.Operator, Role.Administrator })
        {
            var problem = Problem(role, Sam, holder).ShouldNotBeNull();

            problem.ShouldBe("name: \"co2\" is the name of a campaign of others; another name is allowed.");
        }
    }

    [Fact]
    public void Where_several_projects_have_work_under_one_name_each_goes_on_with_its_own()
    {
        Problem(Sam, Of("uni", "climate", "stan"), Sam).ShouldBeNull();
        Problem(Of("uni", "water", "eve"), Of("uni", "climate", "stan"), Sam).ShouldNotBeNull();
    }

    [Fact]
    public void A_name_of_another_user_of_the_project_is_taken_but_for_operators()
    {
        var cora = Of("eth", "climate", "cora");

        Problem(Role.Submitter, cora, Sam).ShouldBe("name: \"co2\" is the name of a campaign of sam; another name is allowed, or that an operator adds to it.");
        Problem(Role.Operator, cora, Sam).ShouldBeNull();
    }

    private static Ownership Of(string institution, string project, string user) => new() { Institution = institution, Project = project, User = user };

    private static string? Problem(Ownership owner, params Ownership[] holders) => Problem(Role.Submitter, owner, holders);

    private static string? Problem(Role role, Ownership owner, params Ownership[] holders) => CampaignName.Problem("name", "co2", owner, role, holders);
}
