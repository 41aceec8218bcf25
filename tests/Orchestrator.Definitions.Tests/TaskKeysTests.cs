using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Definitions.Tests;

public sealed class TaskKeysTests
{
    private static IEnumerable<string> Problems(string stage) =>
        CampaignFile.Read($"name: a\nproject: i/p\nmembers: 2\nstages:\n  s:\n{Indent(stage)}").Problems.Select(static problem => $"{problem.Path}: {problem.Message.Split(';')[0]}");

    [Fact]
    public void A_stage_with_tasks_is_a_worker_that_saves_nothing()
    {
        var reading = CampaignFile.Read("""
            name: a
            project: i/p
            members: 2
            defaults: { threads: 4, memory: 2G, checkpoint: { every: 1h }, env: { A: b } }
            stages:
              mesh: { run: mesh }
              s:
                after: mesh
                tasks: { range: 10-19, run: "./run {member} {index} {stage.mesh}", cores: 2, memory: 512M, timeout: 10m, max_retries: 2, priority: -1, max_failures: 3, env: { SEED: "{index}" }, workdir: "/w/{index}" }
            """);

        reading.Problems.ShouldBeEmpty();
        var stage = reading.Campaign!.Simulations[1].Stages[1];
        (stage.Name, stage.Run, stage.Checkpoint.Every, stage.OnExit[TaskSetDefinition.TooManyFailed]).ShouldBe(("s", TaskSetDefinition.WorkerProgram, CheckpointTrigger.Program, ExitMeaning.HardFail));
        var tasks = stage.Tasks.ShouldNotBeNull();
        (tasks.Set, tasks.Workers, tasks.Worker, tasks.FailuresMax, tasks.Count).ShouldBe(("s", 1, 1, 3, 10));
        var group = tasks.Groups.ShouldHaveSingleItem();
        group.ShouldBe(new TaskGroup
        {
            Name = "s", Indices = new TaskIndices(10, 10), Run = "./run 2 {index} {stage.mesh}", Cores = 2, Memory = 512L << 20, Timeout = TimeSpan.FromMinutes(10), RetriesMax = 2, Priority = -1, Workdir = "/w/{index}",
            Environment = group.Environment,
        });
        group.Environment.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("SEED", "{index}"));
        tasks.NameOf(7).ShouldBe("s-17");
        reading.Campaign.Simulations[1].Stages[0].Checkpoint.Every.ShouldBe(CheckpointTrigger.Periodic);
        Core.Simulations.SimulationRules.Problems(reading.Campaign.Simulations[0] with { Cluster = new("k-main") }).ShouldBeEmpty();
    }

    [Fact]
    public void Several_workers_are_parts_that_share_the_tasks_and_a_barrier()
    {
        var stages = CampaignFile.Read("""
            name: a
            project: i/p
            stages:
              first: { run: x }
              s: { after: first, tasks: { count: 7, run: "run {index}", workers: 3 } }
              last: { after: s, run: x }
            """).Campaign!.Simulations[0].Stages;

        stages.Select(static stage => stage.Name).ShouldBe(["first", "s-1", "s-2", "s-3", "s", "last"]);
        stages[1..4].Select(static stage => (stage.Tasks!.Set, stage.Tasks.Worker, stage.Tasks.Workers, stage.After[0].Stage)).ShouldBe([("s", 1, 3, "first"), ("s", 2, 3, "first"), ("s", 3, 3, "first")]);
        (stages[4].Kind, stages[4].Join, stages[4].Tasks).ShouldBe((StageKind.Barrier, JoinRule.Any, null));
        stages[1..4].Select(static stage => stage.Tasks!.Groups.Length).ShouldBe([1, 0, 0], "kept once");
    }

    [Fact]
    public void A_list_holds_tasks_and_ranges_in_the_words_of_the_pilot()
    {
        var tasks = CampaignFile.Read("""
            name: a
            project: i/p
            stages:
              s:
                gpus: 1
                tasks:
                  workers: 2
                  list:
                    - { id: prepare, command: "./prepare", gpus: 1 }
                    - { id: sim, count: 3, command: "./sim {index}" }
            """).Campaign!.Simulations[0].Stages[0].Tasks!;

        Enumerable.Range(0, tasks.Count).Select(tasks.NameOf).ShouldBe(["prepare", "sim-1", "sim-2", "sim-3"]);
        tasks.RowsOf(0).Select(static row => (row.First, row.Last, row.Gpus)).ShouldBe([(0, 0, 1), (1, 3, 0)]);
    }

    [Fact]
    public void Every_mistake_is_told_with_its_field()
    {
        Problems("tasks: { run: x, count: 3, range: 1-2, cores: 9, gpus: 1, memory: 9G, priority: high, timeout: 5, max_retries: 101, workers: 0, max_failures: -1, env: { ORCHESTRATOR_X: y } }\nmemory: 1G").ShouldBe(
        [
            "stages.s.tasks.range: count and range are given",
            "stages.s.tasks.cores: a task needs 9 cores, and its stage has 1 for one worker",
            "stages.s.tasks.gpus: a task needs 1 GPUs, and its stage has 0 for one worker",
            "stages.s.tasks.memory: a task needs 9216M, and its stage has 1024M for one worker",
            "stages.s.tasks.priority: \"high\" is no whole number",
            "stages.s.tasks.timeout: \"5\" has no unit: 5m is minutes, as Slurm reads it, 5s is seconds",
            "stages.s.tasks.max_retries: \"101\" is not in range",
            "stages.s.tasks.workers: \"0\" is not in range",
            "stages.s.tasks.max_failures: \"-1\" is not in range",
            "stages.s.tasks.env.ORCHESTRATOR_X: \"ORCHESTRATOR_X\" cannot be set",
        ], ignoreOrder: true);
        Problems("tasks: { run: \"x {indx}\", count: 3 }\nrun: y\nrestart: z\noutputs: [a]\nrepeat: 3\nnodes: 2\ncheckpoint: { every: 1h }").ShouldBe(
        [
            "stages.s.run: a stage with tasks has none", "stages.s.restart: a stage with tasks has none", "stages.s.outputs: a stage with tasks has none", "stages.s.repeat: a stage with tasks has none",
            "stages.s.checkpoint: a stage with tasks has none", "stages.s.nodes: a worker of tasks has one node, not 2", "stages.s.tasks.run: nothing replaces {indx}",
        ], ignoreOrder: true);
        Problems("tasks: { count: 3 }").ShouldBe(["stages.s.tasks.run: \"run\" is missing"]);
        Problems("tasks: { run: x }").ShouldBe(["stages.s.tasks.count: neither \"count\" nor \"range\" is there"]);
        Problems("tasks: { run: x, range: 9-1 }").ShouldBe(["stages.s.tasks.range: \"9-1\" ends before it begins"]);
        Problems("tasks: tasks.json").ShouldContain("stages.s.tasks: it is no mapping");
        Problems("tasks: { count: 2, list: [ { id: a, command: x, count: 3 }, { id: a-2, command: x }, { id: a, command: x }, { id: b/c, command: \"x {index}\" }, { command: x, colour: red }, { id: e-1, command: x }, { id: e, count: 1, command: x } ] }").ShouldBe(
        [
            "stages.s.tasks.count: with a list it is of each entry",
            "stages.s.tasks.list[1].id: \"a-2\" is the id of an earlier task too",
            "stages.s.tasks.list[2].id: \"a\" is the id of an earlier task too",
            "stages.s.tasks.list[3].id: \"b/c\" cannot name a task",
            "stages.s.tasks.list[3].command: nothing replaces {index}",
            "stages.s.tasks.list[4].id: \"id\" is missing",
            "stages.s.tasks.list[4].colour: \"colour\" is not known here",
            "stages.s.tasks.list[5].id: \"e-1\" is one of the ids of a later entry too",
        ], ignoreOrder: true);
        Problems("walltime: 1h\ntasks: { run: x, count: 3, memory: 1G, timeout: 1h }").ShouldBe(
        [
            "stages.s.tasks.memory: a task needs 1024M, and its stage has no memory for one worker",
            "stages.s.tasks.timeout: it is 01:00:00, and the walltime of the stage 01:00:00: a task that needs it all would be begun again for ever",
        ], ignoreOrder: true);
        Problems("tasks: { list: [] }").ShouldBe(["stages.s.tasks.list: it has 0 entries"]);
    }

    [Fact]
    public void A_file_of_tasks_is_put_into_the_campaign_that_names_it_and_lines_stay_where_they_are()
    {
        const string Text = """
            name: a
            project: i/p
            stages:
              one: { memory: 1G, tasks: { file: one.json, workers: 2 } }
              s:
                threads: 2
                tasks:
                  file: "two.json"
                  max_failures: 1
              bad: { rum: x }
            """;

        var whole = TaskFileInclude.Into(Text, static path => path == "one.json"
            ? """[{"id": "a", "command": "it's {index}", "count": 2, "timeout": 90.5, "memory": 512, "tags": {"k": 1}, "cores": null}]"""
            : """
              {"tasks": [
                {"id": "b", "command": "echo \"ü\"", "cores": 2}
              ]}
              """);

        whole.Split('\n').Length.ShouldBe(Text.Split('\n').Length);
        var reading = CampaignFile.Read(whole);
        reading.Problems.Select(static problem => problem.Line).Distinct().ShouldBe([10]);
        var stages = CampaignFile.Read(whole.Replace("rum", "run", StringComparison.Ordinal)).Campaign!.Simulations[0].Stages;
        stages[0].Tasks!.Groups.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static group => group.Run.ShouldBe("it's {index}"), static group => group.Timeout.ShouldBe(TimeSpan.FromSeconds(90.5)), static group => group.Memory.ShouldBe(512L << 20), static group => group.Count.ShouldBe(2));
        stages[3].Tasks!.Groups.ShouldHaveSingleItem().Run.ShouldBe("echo \"ü\"");
        stages[3].Tasks!.FailuresMax.ShouldBe(1);
        Should.Throw<FormatException>(() => TaskFileInclude.Into(Text, static _ => "{}")).Message.ShouldContain("two.json is no file of tasks");
        Should.Throw<FormatException>(() => TaskFileInclude.Into(Text, static _ => "tasks:")).Message.ShouldContain("two.json is not JSON");
        Should.Throw<FormatException>(() => TaskFileInclude.Into(Text, static _ => """[{"id": "a", "command": "x", "cores": 1, "cores": 2}]""")).Message.ShouldSatisfyAllConditions(static told => told.ShouldContain("two.json is not JSON"), static told => told.ShouldContain("cores"));
        TaskFileInclude.Into("name: [", static _ => "").ShouldBe("name: [");
        CampaignFile.Read(Text).Problems.Select(static problem => problem.Path).ShouldBe(["stages.one.tasks.file", "stages.s.tasks.file", "stages.bad.rum", "stages.bad.run"], ignoreOrder: true);
    }

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(static line => "    " + line));
}
