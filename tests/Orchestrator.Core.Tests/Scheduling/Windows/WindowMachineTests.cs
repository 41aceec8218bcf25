using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Tests.Scheduling.Windows;

public sealed class WindowMachineTests
{
    private static readonly DateTimeOffset Now = Make.Now;
    private static readonly HashSet<NodeId> Nodes = [Make.Id(1), Make.Id(2)];

    private static readonly MaintenanceWindow Window = new() { Id = "w", Start = Now.AddHours(1), End = Now.AddHours(3), Nodes = [Make.Id(1)] };

    /// <summary>The whole table: what each status makes of each input.</summary>
    [Fact]
    public void Every_status_answers_every_input()
    {
        (string Name, WindowInput Input, DateTimeOffset At)[] inputs =
        [
            ("cancel", new WindowInput.Cancelled("ann", "no need"), Now),
            ("done", new WindowInput.Completed(), Now.AddHours(2)),
            ("tick before", new WindowInput.Ticked(false), Now),
            ("tick empty", new WindowInput.Ticked(false), Now.AddHours(2)),
            ("tick blocked", new WindowInput.Ticked(true), Now.AddHours(2)),
            ("tick after", new WindowInput.Ticked(false), Now.AddHours(4)),
            ("move", new WindowInput.Moved(Now.AddHours(5)), Now),
        ];

        var table = string.Join('\n', new[] { WindowStatus.Pending, WindowStatus.Blocked, WindowStatus.Active, WindowStatus.Completed, WindowStatus.Cancelled }
            .Select(status => $"{status}: " + string.Join(", ", inputs.Select(input => $"{input.Name} {Answer(status, input.Input, input.At)}"))));

        table.ShouldBe("""
            Pending: cancel Cancelled, done refused(status), tick before same, tick empty Active, tick blocked Blocked, tick after Completed, move Pending
            Blocked: cancel Cancelled, done refused(status), tick before Active, tick empty Active, tick blocked same, tick after Active, move refused(status)
            Active: cancel refused(status), done Completed, tick before same, tick empty same, tick blocked same, tick after Completed, move refused(status)
            Completed: cancel refused(status), done same, tick before same, tick empty same, tick blocked same, tick after same, move refused(status)
            Cancelled: cancel same, done refused(status), tick before same, tick empty same, tick blocked same, tick after same, move refused(status)
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_window_that_is_not_cancellable_is_not_cancelled()
    {
        var (after, refusal) = Pair(WindowMachine.Step(Window with { Cancellable = false }, new WindowInput.Cancelled("ann", ""), Now));

        after.Status.ShouldBe(WindowStatus.Pending);
        refusal.ShouldNotBeNull().Field.ShouldBe("cancellable");
    }

    [Fact]
    public void An_active_window_is_not_cancelled()
    {
        var active = WindowMachine.Step(Window, new WindowInput.Ticked(false), Now.AddHours(1)).Window;

        var (after, refusal) = Pair(WindowMachine.Step(active, new WindowInput.Cancelled("ann", ""), Now.AddHours(1)));

        after.ShouldBeSameAs(active);
        refusal.ShouldNotBeNull().Problem.ShouldContain("active");
    }

    [Fact]
    public void A_window_that_was_blocked_gets_its_whole_time_all_the_same()
    {
        var blocked = WindowMachine.Step(Window, new WindowInput.Ticked(true), Now.AddHours(1)).Window;

        var active = WindowMachine.Step(blocked, new WindowInput.Ticked(false), Now.AddHours(2.5)).Window;

        blocked.EndBy(Now.AddHours(2)).ShouldBe(Now.AddHours(4));
        active.StartedAt.ShouldBe(Now.AddHours(2.5));
        active.End.ShouldBe(Now.AddHours(4.5));
        active.Duration.ShouldBe(TimeSpan.FromHours(2));
        WindowMachine.Step(active, new WindowInput.Ticked(false), Now.AddHours(4.5)).Window.Status.ShouldBe(WindowStatus.Completed);
    }

    [Fact]
    public void A_window_that_was_absent_is_a_bug_of_the_caller() =>
        Should.Throw<InvalidTransitionException>(() => WindowMachine.Step(Window with { Status = WindowStatus.Absent }, new WindowInput.Ticked(false), Now));

    [Theory]
    [InlineData("end", "is not after the start")]
    [InlineData("id", "61 characters")]
    [InlineData("nodes", "the cluster has no n-9")]
    [InlineData("severity", "critical, major or minor")]
    [InlineData("after", "there is no window")]
    [InlineData("gap", "negative")]
    public void A_wrong_window_is_refused_with_the_field_that_is_wrong(string field, string problem)
    {
        var wrong = field switch
        {
            "end" => Window with { End = Window.Start },
            "id" => Window with { Id = new('w', 61) },
            "nodes" => Window with { Nodes = [Make.Id(1), Make.Id(9)] },
            "severity" => Window with { Severity = WindowSeverity.Absent },
            "after" => Window with { After = "nothing" },
            _ => Window with { Gap = TimeSpan.FromMinutes(-1) },
        };

        var refusal = WindowMachine.Problems(wrong, Nodes, [], Now).ShouldHaveSingleItem();

        refusal.Field.ShouldBe(field);
        refusal.Problem.ShouldContain(problem);
    }

    [Fact]
    public void A_window_over_already_or_of_a_name_that_is_taken_is_refused()
    {
        WindowMachine.Problems(Window, Nodes, [], Now).ShouldBeEmpty();
        WindowMachine.Problems(Window, Nodes, [Window], Now).ShouldHaveSingleItem().Field.ShouldBe("id");
        WindowMachine.Problems(Window, Nodes, [], Now.AddHours(3)).ShouldHaveSingleItem().Field.ShouldBe("end");
        WindowMachine.Problems(Window with { Id = "a b", End = Now, Nodes = [Make.Id(1), Make.Id(1)] }, Nodes, [], Now).Select(problem => problem.Field).ShouldBe(["id", "end", "nodes"]);
    }

    private static string Answer(WindowStatus status, WindowInput input, DateTimeOffset at)
    {
        var before = Window with { Status = status, StartedAt = status == WindowStatus.Active ? Window.Start : null };
        var step = WindowMachine.Step(before, input, at);
        return step.Refusal is { } refusal ? $"refused({refusal.Field})" : ReferenceEquals(step.Window, before) ? "same" : step.Window.Status.ToString();
    }

    private static (MaintenanceWindow Window, ArrangementRefusal? Refusal) Pair(WindowStep step) => (step.Window, step.Refusal);
}
