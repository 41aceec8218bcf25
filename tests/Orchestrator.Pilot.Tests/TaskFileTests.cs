using System.Text;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Tests;

public sealed class TaskFileTests
{
    [Fact]
    public void Every_field_is_read_and_written_back()
    {
        var reading = Read("""
            [{"id": "a", "command": "run", "cores": 2, "gpus": 1, "memory": "1.5G", "timeout": 90.5, "priority": -3, "max_retries": 4, "workdir": "w", "env": {"A": "1", "B": 2}, "tags": {"k": [1, "x"]}, "after": ["b"]},
             {"id": "b", "command": "run", "timeout": "2m", "memory": 512}]
            """);

        reading.Problems.ShouldBeEmpty();
        reading.Warnings.ShouldBeEmpty();
        var task = reading.Tasks[0];
        task.Shape.ShouldBe(new TaskShape { Demand = new(2, 1, 3L << 29), Priority = -3, Timeout = TimeSpan.FromSeconds(90.5), RetriesMax = 4 });
        task.After.ShouldBe(["b"]);
        reading.Tasks[1].Shape.ShouldBe(new TaskShape { Demand = new(1, 0, 512L << 20), Timeout = TimeSpan.FromMinutes(2) });
        foreach (var each in reading.Tasks)
        {
            var again = TaskFile.ReadStored(each.ToJson());
            Encoding.UTF8.GetString(again.ToJson()).ShouldBe(Encoding.UTF8.GetString(each.ToJson()));
            again.Shape.ShouldBe(each.Shape);
        }

        Encoding.UTF8.GetString(task.ToJson()).ShouldContain("""
            "env":{"A":"1","B":"2"},"tags":{"k":[1,"x"]},"after":["b"]
            """.Trim());
    }

    [Theory]
    [InlineData("1T", 1L << 40)]
    [InlineData("1024P", 1L << 60)]
    [InlineData("900G", 900L << 30)]
    public void Much_memory_is_read_back_as_it_was_written(string memory, long bytes)
    {
        var task = Read($$"""[{"id": "a", "memory": "{{memory}}", "command": "run"}]""").Tasks[0];

        task.Shape.Demand.Memory.ShouldBe(bytes);
        TaskFile.ReadStored(task.ToJson()).Shape.ShouldBe(task.Shape);
    }

    [Theory]
    [InlineData("\"\\udcff\"")]
    [InlineData("\"\u00ff\"")]
    public void What_is_no_text_is_told_with_its_line(string id)
    {
        var reading = TaskFile.Read(Encoding.Latin1.GetBytes($$"""
            [{"id": "a", "command": "run", "tags": {"k": 1} },
             {"id": {{id}}, "command": "run"}]
            """));

        reading.Tasks.ShouldBeEmpty();
        reading.Problems.ShouldHaveSingleItem().ToString().ShouldContain("is no Unicode text");
        reading.Problems[0].Line.ShouldBe(2);
    }

    [Fact]
    public void Every_mistake_is_told_at_once_with_its_line_and_field()
    {
        var reading = Read("""
            [
              {"id": "a", "command": "run", "cores": "two", "timeout": -1, "colour": "red"},
              {"id": "a", "command": "run", "after": ["zz"]},
              {"command": 5, "priority": 1.5, "env": ["x"], "memory": "12"},
              {"id": "../up", "command": " ", "max_retries": 101, "workdir": 1, "tags": "t", "gpus": -1},
              {"id": "c", "command": "run", "after": ["d"]}, {"id": "d", "command": "run", "after": "c", "env": {"A": {}, "B=": "x"}},
              17
            ]
            """);

        reading.Tasks.ShouldBeEmpty();
        var told = reading.Problems.Select(static problem => $"{problem.Line} {problem.Path}: {problem.Message}").ToList();
        told.ShouldBe(
        [
            "2 tasks[0].cores: is text",
            "2 tasks[0].timeout: -1 is not above zero and at most 36500 days",
            "3 a.id: \"a\" is the id of an earlier task too",
            "3 a.after: there is no task \"zz\"",
            "4 tasks[2].id: is missing",
            "4 tasks[2].command: is a number",
            "4 tasks[2].priority: is 1.5",
            "4 tasks[2].env: is a list",
            "4 tasks[2].memory: \"12\" has no unit: 12M is megabytes, as Slurm reads it, not bytes",
            "5 tasks[3].id: \"../up\" cannot name a task",
            "5 tasks[3].command: is empty, or has a NUL in it",
            "5 tasks[3].max_retries: is 101",
            "5 tasks[3].workdir: is a number",
            "5 tasks[3].tags: is text",
            "5 tasks[3].gpus: is -1",
            "6 c.after: tasks wait for each other: c → d → c",
            "6 tasks[5].env.A: is an object",
            "7 tasks[6]: a number is no task",
        ], ignoreOrder: true);
        reading.Problems.ShouldAllBe(static problem => problem.Allowed.Length > 0);
        reading.Warnings.Single().ToString().ShouldStartWith("2:64 tasks[0].colour: unknown field, read over; the nearest is cores");
    }

    [Theory]
    [InlineData("[{\"id\": \"a\",\n \"command\": \"run\"", 2)]
    [InlineData("tasks:\n  - id: a", 1)]
    [InlineData("", 1)]
    [InlineData("[] []", 1)]
    public void What_is_not_JSON_is_told_with_its_line(string text, int line)
    {
        var problem = Read(text).Problems.Single();

        problem.Line.ShouldBe(line);
        problem.Message.ShouldStartWith("not JSON: ");
    }

    [Theory]
    [InlineData("{\"jobs\": []}", "there is no list \"tasks\"")]
    [InlineData("\"x\"", "text is no list of tasks")]
    [InlineData("{\"tasks\": 3}", "a number is no list")]
    public void JSON_of_another_kind_is_told(string text, string message) => Read(text).Problems.Single().Message.ShouldBe(message);

    [Fact]
    public void Several_environment_mistakes_do_not_derail_what_follows()
    {
        var reading = Read("""{"note": 1, "tasks": [{"id": "a", "env": {"": "x", "B": [1, 2]}, "command": "run"}, {"id": "b", "command": "run", "cores": 0}]}""");

        reading.Problems.Select(static problem => problem.Path).ShouldBe(["tasks[0].env.", "tasks[1].cores"]);
        reading.Warnings.Single().Path.ShouldBe("note");
    }

    [Fact]
    public void One_line_stands_for_many_tasks_by_a_count_or_a_range()
    {
        var reading = Read("""
            [{"id": "sim", "count": 3, "command": "./run {index}", "env": {"SEED": "s{index}", "A": "a"}, "workdir": "w{index}"},
             {"id": "old", "range": "0-1", "command": "./run {index} {other}", "cores": 2, "max_retries": 1, "after": "sim-3"},
             {"id": "one", "command": "echo {index}"}]
            """);

        reading.Problems.ShouldBeEmpty();
        reading.Tasks.Select(static task => $"{task.Id}: {task.Command}").ShouldBe(["sim-1: ./run 1", "sim-2: ./run 2", "sim-3: ./run 3", "old-0: ./run 0 {other}", "old-1: ./run 1 {other}", "one: echo {index}"]);
        reading.Tasks[1].Environment.ShouldBe([new("SEED", "s2"), new("A", "a")]);
        reading.Tasks[1].Workdir.ShouldBe("w2");
        reading.Tasks[4].Shape.ShouldBe(new TaskShape { Demand = new(2), RetriesMax = 1 });
        reading.Tasks[4].After.ShouldBe(["sim-3"]);
        TaskFile.ReadStored(reading.Tasks[1].ToJson()).Command.ShouldBe("./run 2");
    }

    [Fact]
    public void Mistakes_of_many_tasks_that_are_written_as_one_are_told_once_each()
    {
        var long_ = new string('x', 190);
        var reading = TaskFile.Read(
            Encoding.UTF8.GetBytes($$"""
                [{"id": "a", "count": 0, "command": "run"}, {"id": "b", "range": "9-1", "command": "run"}, {"id": "c", "range": "x", "command": "run"},
                 {"id": "d", "range": 7, "command": "run"}, {"id": "e", "count": 2, "range": "1-2", "command": "run"}, {"id": "f", "range": "0-1000000", "command": "run"},
                 {"id": "g", "count": 9, "command": "run", "cores": 64, "after": "zz"}, {"id": "e", "count": 2, "command": "run"}, {"id": "{{long_}}", "count": 2, "command": "run"}]
                """),
            refusal: static demand => demand.Cores > 8 ? "at most 8 cores" : null);

        reading.Tasks.ShouldBeEmpty();
        reading.Problems.Select(static problem => $"{problem.Path}: {problem.Message}").ShouldBe(
        [
            "tasks[0].count: is 0",
            "tasks[1].range: \"9-1\" ends before it begins",
            "tasks[2].range: \"x\" is no range",
            "tasks[3].range: is a number",
            "tasks[4].range: count and range are given",
            "tasks[5].range: \"0-1000000\" has 1000001 indices",
            "g-1: needs more than any node has",
            "g-1.after: there is no task \"zz\"",
            "e-1.id: \"e-1\" is the id of an earlier task too",
            "tasks[8].id: is too long to be followed by an index",
        ], ignoreOrder: true);
    }

    private static TaskFileReading Read(string text) => TaskFile.Read(Encoding.UTF8.GetBytes(text));
}
