using System.Text.Json;

namespace Orchestrator.Pilot.Tests;

/// <summary>Tasks that come because of results.</summary>
public sealed class HookTests : IDisposable
{
    private readonly Flight flight = new();

    /// <summary>Answers each result with a line: for t0 two more tasks, else nothing.</summary>
    private const string Shell = """
        while read -r line; do
          echo "$line" >> results
          case "$line" in *'"task_id":"t0"'*) echo '[{"id": "more1", "command": "echo one", "priority": 5}, {"id": "more2", "command": "false", "max_retries": 1}]' ;; *) echo '[]' ;; esac
        done
        """;

    [Fact]
    public async Task A_hook_gets_each_result_and_its_tasks_run()
    {
        flight.Write("hook.sh", Shell);
        var (status, output, error) = await flight.RunAsync(2, """[{"id": "t0", "command": "true"}, {"id": "t1", "command": "exit 9"}]""", "--db", "state.db", "--on-complete", "sh hook.sh");

        status.ShouldBe(1, error);
        output.ShouldContain("Completed: 2 | Failed: 2 |");
        var results = File.ReadAllLines(Path.Combine(flight.Folder, "results")).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        results.Count.ShouldBe(5, "failed attempts are told too");
        results.Select(static result => result.GetProperty("task_id").GetString()).Order().ShouldBe(["more1", "more2", "more2", "t0", "t1"]);
        var failed = results.Single(static result => result.GetProperty("task_id").GetString() == "t1");
        failed.GetProperty("success").GetBoolean().ShouldBeFalse();
        failed.GetProperty("returncode").GetInt32().ShouldBe(9);
        failed.GetProperty("duration").GetDouble().ShouldBeGreaterThan(0);
        failed.GetProperty("stdout_file").GetString().ShouldBe(Path.Combine(flight.Workdir, "t1", "stdout.txt"));
        failed.GetProperty("task").GetProperty("command").GetString().ShouldBe("exit 9");
        flight.Rows()["completed"].ShouldBe(["more1", "t0"]);
    }

    [Fact]
    public async Task A_hook_that_dies_is_started_again_and_gets_what_it_did_not_answer()
    {
        flight.Write("hook.sh", "read -r line; test -e died || { touch died; exit 3; }; " + Shell.Replace("while read -r line; do", "while :; do", StringComparison.Ordinal).Replace("done", "read -r line || exit 0; done", StringComparison.Ordinal));
        var (status, output, error) = await flight.RunAsync(1, """[{"id": "t0", "command": "true"}]""", "--on-complete", "sh hook.sh");

        status.ShouldBe(1);
        error.ShouldContain("--on-complete ended with status 3; it is started again");
        output.ShouldContain("Completed: 2 | Failed: 1 |");
    }

    [Fact]
    public async Task A_hook_that_never_answers_is_given_up_and_the_campaign_ends()
    {
        var (status, _, error) = await flight.RunAsync(1, """[{"id": "t0", "command": "true"}]""", "--on-complete", "exit 1");

        status.ShouldBe(0);
        error.ShouldContain("ended 3 times without an answer; the result is given up");
    }

    [Fact]
    public async Task A_command_for_each_result_prints_tasks_line_by_line()
    {
        flight.Write("each.sh", """
            read -r line
            case "$line" in *'"task_id":"t0"'*) echo '{"id": "a", "command": "true"}'; echo '{"id": "b", "command": "true", "after": "a"}' ;; esac
            """);
        var (status, output, error) = await flight.RunAsync(1, """[{"id": "t0", "command": "true"}]""", "--on-complete", "sh each.sh", "--on-complete-each");

        status.ShouldBe(0, error);
        output.ShouldContain("Completed: 3 | Failed: 0 |");
    }

    [Fact]
    public async Task Wrong_answers_are_told_and_are_not_fatal()
    {
        var (status, output, error) = await flight.RunAsync(
            1, """[{"id": "t0", "command": "true"}]""", "--on-complete", """while read -r line; do echo '[{"id": "x", "command": "true", "cores": 9}, {"id": "t0", "command": "false"}, {"id": "y", "after": "z", "command": 1}]'; done""");

        status.ShouldBe(0);
        error.ShouldContain("x: needs more than any node has");
        error.ShouldContain("tasks[2].command: is a number");
        error.ShouldContain("there is no task \"z\"");
        output.ShouldContain("Completed: 1 | Failed: 0 |");
    }

    public void Dispose() => flight.Dispose();
}
