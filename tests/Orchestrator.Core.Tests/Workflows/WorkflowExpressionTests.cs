using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Workflows;

public sealed class WorkflowExpressionTests
{
    private static readonly Dictionary<string, StageFacts> Known = new()
    {
        ["spin-up"] = new() { Status = StageStatus.Completed, Progress = 1, ExitStatus = 0, Metrics = StageFacts.None.Metrics.Add("tas.mean", 287.5), Artifacts = [new() { Path = "out/a.nc", Size = 10 }] },
        ["run"] = new() { Status = StageStatus.Running, Progress = 0.25, Metrics = StageFacts.None.Metrics.Add("err", 0.5) },
    };

    [Theory]
    [InlineData("spin-up.exit == 0", true)]
    [InlineData("spin-up.metrics.tas.mean > 287 and run.progress < 0.5", true)]
    [InlineData("spin-up.status == \"completed\" and not (run.status == 'failed')", true)]
    [InlineData("run.metrics.err * 2 - 1 >= 0", true)]
    [InlineData("1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 || false", true)]
    [InlineData("run.exit == 0", null)]
    [InlineData("false and run.exit == 0", false)]
    [InlineData("true or run.exit == 0", true)]
    [InlineData("true and run.exit == 0", null)]
    [InlineData("known(run.exit)", false)]
    [InlineData("artifact(spin-up, 'out/*.nc') and size(spin-up, 'out/a.nc') == 10", true)]
    [InlineData("artifact(spin-up, 'other')", false)]
    [InlineData("artifact(run, 'other')", null)]
    [InlineData("max(run.metrics.err, 1e-3) == 0.5 and abs(-2) == min(2, 3)", true)]
    [InlineData("!(run.progress != 0.25)", true)]
    public void An_expression_is_true_false_or_not_known(string text, bool? value) =>
        WorkflowExpression.Parse(text).Evaluate(Known.GetValueOrDefault).ShouldBe(value);

    [Theory]
    [InlineData("", "it ends where")]
    [InlineData("run.exit", "no statement")]
    [InlineData("run.exit == 'x'", "two numbers or two texts")]
    [InlineData("run.status < 'x'", "texts are compared")]
    [InlineData("err < 1", "'err' says nothing")]
    [InlineData("run.memory < 1", "'run.memory' is not known")]
    [InlineData("run.exit == 0 run", "'run' at letter 15")]
    [InlineData("sin(run.exit) == 0", "no function 'sin'")]
    [InlineData("(run.exit == 0", "')'")]
    [InlineData("run.exit + run.status == 0", "only numbers")]
    [InlineData("run.exit == 0x1", "no number")]
    public void What_cannot_be_read_is_named(string text, string problem)
    {
        WorkflowExpression.TryParse(text, out _, out var said).ShouldBeFalse();

        said!.ShouldContain(problem);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_the_stages_are_known()
    {
        WorkflowExpression.TryParse(string.Concat(Enumerable.Repeat("(", 400)), out _, out var problem).ShouldBeFalse();

        problem!.ShouldContain("deep");
        WorkflowExpression.Parse("a-1.exit == 0 and b.exit == a-1.exit").Stages.ShouldBe(["a-1", "b"]);
    }
}
