using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Scenarios.Reallocation;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Definitions.Tests;

public sealed class CampaignFileTests
{
    [Fact]
    public void The_climate_example_compiles_to_twelve_simulations_of_three_stages()
    {
        var campaign = Compiled(Example("climate"));

        campaign.Simulations.Length.ShouldBe(12);
        campaign.Simulations.ShouldAllBe(simulation => simulation.Stages.Length == 3);
        campaign.Simulations.Select(simulation => simulation.Id.Value).Distinct().Count().ShouldBe(12);
        campaign.Owner.Account.Value.ShouldBe("p-climate.attribution");
        campaign.Compare.ShouldBe(new() { Metric = "tas_trend", Direction = ObjectiveDirection.Higher, Steering = SteeringMode.Advise });
        var last = campaign.Simulations[^1];
        last.Id.Value.ShouldBe("s-co2-ensemble-4xCO2-4");
        last.Scenario!.Value.Value.ShouldBe("o-co2-ensemble");
        last.Stages.Select(stage => stage.Name).ShouldBe(["spin-up", "coupled", "diagnostics"]);
        last.Stages[1].Run.ShouldStartWith("climate run --seed 2026 --member 4 --forcing 4.0 --initial {stage.spin-up}/restart");
        last.Stages[1].Restart!.ShouldContain("--resume {restore} --forcing 4.0");
        last.Stages[1].Checkpoint.Verify.ShouldBe("climate check {path}");
        last.Stages[1].Checkpoint.Interval.ShouldBe(TimeSpan.FromSeconds(30));
        last.Stages[2].After.ShouldBe([new() { Stage = "coupled" }]);
        last.Stages[2].Resources.MemoryPerNode.ShouldBe(256L << 20);
    }

    [Fact]
    public void The_python_and_fortran_examples_compile()
    {
        Compiled(Example("python")).Simulations.Select(simulation => simulation.Id.Value).ShouldBe(["s-pi-1", "s-pi-2", "s-pi-3", "s-pi-4"]);
        Compiled(Example("fortran")).Simulations.Single().Id.Value.ShouldBe("s-heat");
    }

    [Fact]
    public void Every_field_of_a_stage_is_read_and_defaults_are_merged_key_by_key()
    {
        var stage = Compiled("""
            name: all
            project: a/b
            priority: high
            defaults: { env: { A: "1", B: "2" }, checkpoint: { keep: 5 }, retries: 7 }
            stages:
              first: { run: one }
              last:
                after: { first: progress >= 0.5 }
                run: two
                nodes: 4
                ranks_per_node: 8
                threads: 2
                memory: 4G
                gpus: 1
                walltime: 2-00:00:00
                duration: 3d
                outputs: [a.nc, "b.{run}"]
                checkpoint: { every: adaptive, max_loss: 40m, files: "restart.*", complete_when: marker, verify: "check {path}", store: in-place }
                signals: { checkpoint: SIGUSR1, target: ranks }
                on_exit: { 75: retry, 76: soft-fail }
                env: { B: "{epoch}" }
                grace: 1m
                stall_after: 2h
                gpu_model: A100
                gpu_memory: 40G
                exclusive: true
                writes_shared_paths: true
            """).Simulations.Single().Stages[1];

        stage.After.ShouldBe([new() { Stage = "first", Condition = DependencyCondition.Progress, Progress = 0.5 }]);
        stage.Resources.ShouldBe(new() { Nodes = 4, RanksPerNode = 8, Threads = 2, MemoryPerNode = 4L << 30, GpusPerNode = 1, GpuModel = "A100", GpuMemory = 40L << 30, Exclusive = true });
        stage.Walltime.ShouldBe(TimeSpan.FromDays(2));
        stage.EstimatedDuration.ShouldBe(TimeSpan.FromDays(3));
        stage.Outputs.ShouldBe(["a.nc", "b.{run}"]);
        stage.Checkpoint.Every.ShouldBe(CheckpointTrigger.Adaptive);
        stage.Checkpoint.CompleteWhen.ShouldBe(CheckpointCompletion.Marker);
        stage.Checkpoint.Store.ShouldBe(CheckpointStorage.InPlace);
        stage.Checkpoint.Files.ShouldBe(["restart.*"]);
        stage.Checkpoint.KeepRecent.ShouldBe(5);
        stage.Signals.ShouldBe(new() { Checkpoint = "USR1", Target = SignalTarget.Ranks });
        stage.OnExit[75].ShouldBe(ExitMeaning.Retry);
        stage.OnExit[76].ShouldBe(ExitMeaning.SoftFail);
        stage.Environment["A"].ShouldBe("1");
        stage.Environment["B"].ShouldBe("{epoch}");
        stage.Retry.RetriesMax.ShouldBe(7);
        stage.Grace.ShouldBe(TimeSpan.FromMinutes(1));
        stage.StallAfter.ShouldBe(TimeSpan.FromHours(2));
        stage.WritesSharedPaths.ShouldBeTrue();
    }

    [Theory]
    [InlineData("2026-06-01T12:00:00Z", 12)]
    [InlineData("2026-06-01T14:00+02:00", 12)]
    public void Protection_and_deadline_are_of_the_whole_campaign(string deadline, int hour)
    {
        var simulation = Compiled($"name: p\nproject: a/b\nprotected: true\ndeadline: {deadline}\nstages: {{ s: {{ run: x }} }}").Simulations.Single();

        simulation.Protected.ShouldBeTrue();
        simulation.Deadline.ShouldBe(new DateTimeOffset(2026, 6, 1, hour, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("protected: yes", "protected")]
    [InlineData("deadline: 2026-06-01T12:00:00", "deadline")]
    [InlineData("deadline: 2026-06-01", "deadline")]
    [InlineData("defaults: { exclusive: 1 }", "defaults.exclusive")]
    public void A_flag_or_moment_that_can_be_read_in_two_ways_is_refused(string line, string path)
    {
        var problem = CampaignFile.Read($"name: p\nproject: a/b\n{line}\nstages: {{ s: {{ run: x }} }}").Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe(path);
        problem.Allowed.ShouldNotBeEmpty();
    }

    [Fact]
    public void Objectives_tags_and_how_priorities_and_shares_move_are_read()
    {
        var campaign = Compiled("""
            name: q
            project: a/b
            scenarios:
              control: { forcing: 1 }
              warm: { forcing: 4, tags: [extreme, warm] }
              word: { forcing: 5, tags: warm }
            matrix: { seed: [1, 2] }
            compare:
              objective: { metric: tas, direction: higher }
              objectives:
                - { name: extremes, importance: 0.8, metrics: [heat_days, extreme] }
                - { name: sea level, metrics: sea }
              minimum_change: 0.1
              maximum_shift: 0.5
              priorities: ranking
            stages: { s: { run: "x {forcing}" } }
            """);

        var compare = campaign.Compare.ShouldNotBeNull();
        (compare.MinimumChange, compare.MaximumShift, compare.Priorities).ShouldBe((0.1, 0.5, PriorityRule.Ranking));
        compare.Objectives.Select(static objective => (objective.Name, objective.Importance, string.Join(' ', objective.TargetMetrics))).ShouldBe([("extremes", 0.8, "heat_days extreme"), ("sea level", 1.0, "sea")]);
        campaign.Tags.Keys.ShouldBe(["warm.seed-1", "warm.seed-2", "word.seed-1", "word.seed-2"], ignoreOrder: true);
        campaign.Tags["warm.seed-1"].ShouldBe(["extreme", "warm"]);
        campaign.Tags["word.seed-2"].ShouldBe(["warm"]);
        campaign.Simulations[^1].Labels["tags"].ShouldBe("warm");
        campaign.Simulations.Single(static simulation => simulation.Variant == "warm.seed-1").Labels.ContainsKey("tags").ShouldBeFalse();
    }

    [Theory]
    [InlineData("objectives: many", "compare.objectives")]
    [InlineData("objectives: [{ name: a }]", "compare.objectives[0].metrics")]
    [InlineData("objectives: [{ metrics: m }]", "compare.objectives[0].name")]
    [InlineData("objectives: [{ name: a, metrics: m, importance: 2 }]", "compare.objectives[0].importance")]
    [InlineData("objectives: [{ name: a, metrics: m }, { name: a, metrics: n }]", "compare.objectives[1].name")]
    [InlineData("objectives: [{ name: a, metrics: m, weight: 1 }]", "compare.objectives[0].weight")]
    [InlineData("minimum_change: 2", "compare.minimum_change")]
    [InlineData("maximum_shift: -1", "compare.maximum_shift")]
    [InlineData("priorities: rank", "compare.priorities")]
    public void What_is_wrong_with_a_comparison_is_told_with_its_place(string line, string path) =>
        CampaignFile.Read($"name: q\nproject: a/b\ncompare: {{ objective: {{ metric: m, direction: higher }}, {line} }}\nstages: {{ s: {{ run: x }} }}").Problems.ShouldHaveSingleItem().Path.ShouldBe(path);

    [Fact]
    public void A_tag_that_is_there_twice_or_too_long_is_told() =>
        CampaignFile.Read($"name: q\nproject: a/b\nscenarios: {{ a: {{ tags: [x, X] }}, b: {{ tags: [{new string('y', 61)}] }} }}\nstages: {{ s: {{ run: x }} }}").Problems.Select(static problem => problem.Path).ShouldBe(["scenarios.a.tags", "scenarios.b.tags[0]"]);

    [Fact]
    public void Json_is_read_and_the_shell_keeps_its_braces()
    {
        var stage = Compiled("""{"name":"j","project":"a/b","members":[3],"stages":{"s":{"run":"awk '{ print }' ${HOME} {member}"}}}""").Simulations.Single().Stages[0];

        stage.Run.ShouldBe("awk '{ print }' ${HOME} 3");
    }

    [Fact]
    public void Five_mistakes_are_reported_at_once_each_with_line_path_and_what_is_allowed()
    {
        var reading = CampaignFile.Read("""
            name: five
            project: climate
            stages:
              spin-up:
                run: one {membr}
                duration: 90
              coupled:
                after: spinup
                run: two
                memmory: 4G
            """);

        reading.Campaign.ShouldBeNull();
        reading.Problems.Select(problem => (problem.Line, problem.Path)).ShouldBe(
        [
            (2, "project"), (5, "stages.spin-up.run"), (6, "stages.spin-up.duration"), (8, "stages.coupled.after"), (10, "stages.coupled.memmory"),
        ]);
        reading.Problems.ShouldAllBe(problem => problem.Allowed.Length > 0 && problem.Column > 0);
        reading.Problems[2].Message.ShouldContain("90m is minutes");
        reading.Problems[3].Message.ShouldContain("did you mean \"spin-up\"");
        reading.Problems[4].Message.ShouldContain("did you mean \"memory\"");
    }

    [Theory]
    [InlineData("a: { run: x, after: b }, b: { run: x, after: a }", "a → b → a")]
    [InlineData("a: { run: x, after: a }", "a → a")]
    [InlineData("z: { run: x, after: a }, a: { run: x, after: [b] }, b: { run: x, after: { c: end } }, c: { run: x, after: a }", "a → b → c → a")]
    public void A_cycle_is_named(string stages, string cycle)
    {
        var problem = CampaignFile.Read($"name: c\nproject: a/b\nstages: {{ {stages} }}").Problems.ShouldHaveSingleItem();

        problem.Message.ShouldEndWith(cycle);
        problem.Line.ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a: [")]
    [InlineData("- a")]
    [InlineData("a: !<> x")]
    [InlineData("a: &")]
    [InlineData("%YAML 99999999999.1\n---\na: 1")]
    [InlineData("name: x\nname: y")]
    [InlineData("---\na: 1\n---\nb: 2")]
    [InlineData("a: &x 1\nb: *x")]
    public void A_text_that_is_no_campaign_is_a_problem_and_no_exception(string text) =>
        CampaignFile.Read(text).Problems.ShouldNotBeEmpty();

    [Fact]
    public void Deep_nesting_is_refused_before_a_tree_is_built() =>
        CampaignFile.Read(new string('[', 50_000)).Problems.ShouldHaveSingleItem().Message.ShouldContain("deep");

    [Fact]
    public void A_parameter_that_one_scenario_lacks_and_outputs_of_a_stage_not_waited_for_are_problems()
    {
        var problems = CampaignFile.Read("""
            name: p
            project: a/b
            scenarios: { one: { co2: 1 }, two: }
            stages:
              a: { run: "x {co2}" }
              b: { run: "y {stage.a}" }
            """).Problems;

        problems.Length.ShouldBe(2);
        problems[0].Message.ShouldContain("no value in scenario two");
        problems[1].Message.ShouldContain("does not wait for a");
    }

    [Fact]
    public void Scenarios_whose_ids_would_be_the_same_are_a_problem() =>
        CampaignFile.Read("name: p\nproject: a/b\nscenarios: { a b: , a-b: }\nstages: { s: { run: x } }")
            .Problems.ShouldHaveSingleItem().Message.ShouldContain("s-p-a-b");

    private static Campaign Compiled(string text)
    {
        var reading = CampaignFile.Read(text);
        reading.Problems.ShouldBeEmpty();
        return reading.Campaign.ShouldNotBeNull();
    }

    private static string Example(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return File.ReadAllText(Path.Combine(folder.FullName, "examples", name, "campaign.yaml"));
    }
}
