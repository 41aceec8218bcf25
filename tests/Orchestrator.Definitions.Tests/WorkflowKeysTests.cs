using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Definitions.Tests;

/// <summary>Conditions, triggers, loops, chains, sweeps, and stages that are added.</summary>
public sealed class WorkflowKeysTests
{
    private const string Head = "name: a\nproject: a/b\n";

    [Fact]
    public void Every_condition_can_be_written()
    {
        var stages = Stages(
            """
            stages:
              x: { run: x }
              y: { run: y }
              p: { run: p, after: { x: { progress: 0.5 } } }
              f: { run: f, after: { x: { artifact: "grid.*", delay: 2h } } }
              a: { run: a, after: { x: { on: end, approval: operator } } }
              w: { run: w, after: { x: { when: "x.metrics.err < 0.1 and y.exit == 0" }, y: { kind: resource } }, join: any }
              t: { run: t, after: x, trigger: manual }
              u: { run: u, trigger: { at: "2026-06-01T12:00:00Z" } }
              d: { run: d, trigger: { artifact: "go" } }
              wall: { kind: barrier, after: [a, w], join: settled }
              two: { run: z, after: [x, y, t], join: 2 }
            """);

        stages["p"].After[0].ShouldBe(new() { Stage = "x", Condition = DependencyCondition.Progress, Progress = 0.5 });
        stages["f"].After[0].ShouldBe(new() { Stage = "x", Condition = DependencyCondition.Artifact, Artifact = "grid.*", Delay = TimeSpan.FromHours(2) });
        stages["a"].After[0].ShouldBe(new() { Stage = "x", Condition = DependencyCondition.End, Approval = "operator" });
        stages["w"].After.ShouldBe([new() { Stage = "x", When = "x.metrics.err < 0.1 and y.exit == 0" }, new() { Stage = "y", Kind = DependencyKind.Resource }]);
        (stages["w"].Join, stages["two"].Join, stages["two"].JoinCount, stages["wall"].Join).ShouldBe((JoinRule.Any, JoinRule.Any, 2, JoinRule.Settled));
        stages["t"].Trigger.ShouldBe(new() { Kind = TriggerKind.Manual });
        stages["u"].Trigger!.At.ShouldBe(new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        stages["d"].Trigger.ShouldBe(new() { Kind = TriggerKind.Data, Artifact = "go" });
        stages["wall"].Kind.ShouldBe(StageKind.Barrier);
    }

    [Fact]
    public void Every_mistake_in_them_is_told_with_its_place()
    {
        var problems = CampaignFile.Read(Head +
            """
            stages:
              x: { run: x }
              a: { run: a, after: { x: { progress: 2 } } }
              b: { run: b, after: { x: { on: never } } }
              c: { run: c, after: { x: { when: "z.exit == 0" } } }
              d: { run: d, after: { x: { when: "x.exit ==" } } }
              e: { run: e, after: { x: { on: end, progress: 0.5 } } }
              f: { run: f, trigger: { at: "2026-06-01T12:00:00Z", delay: 2h } }
              g: { kind: barrier, run: g }
              h: { run: h, join: most }
              i: { run: i, chunks: 2, repeat: 3 }
              j: { run: j, after: { x: { same: true } } }
              k: { run: "k {chunk}" }
            """).Problems;

        problems.Select(static problem => problem.Path).ShouldBe([
            "stages.a.after.x.progress", "stages.b.after.x.on", "stages.c.after.x.when", "stages.d.after.x.when", "stages.e.after.x.progress",
            "stages.f.trigger", "stages.g.run", "stages.h.join", "stages.i.chunks", "stages.j.after.x.same", "stages.k.run"], ignoreOrder: true);
    }

    [Fact]
    public void A_loop_a_chain_and_a_sweep_become_stages_and_a_barrier()
    {
        var stages = Stages(
            """
            stages:
              mesh: { run: mesh }
              fit: { run: "fit {iteration} {previous}", after: mesh, repeat: { times: 3, until: "this.metrics.err < 0.1" } }
              run: { run: "run {chunk}/{chunks}", after: fit, chunks: 2 }
              post: { run: "post {chunk}", after: { run: { same: true } }, chunks: 2 }
              try: { run: "try {T} {p}", after: mesh, sweep: { T: [300, 350], p: [1, 2] } }
              end: { run: "end {stage.run-2}", after: [post, try] }
            """);

        stages["fit-1"].Run.ShouldBe("fit 1 ");
        stages["fit-2"].ShouldSatisfyAllConditions(one => one.Run.ShouldBe("fit 2 {stage.fit-1}"), one => one.After.ShouldBe([new() { Stage = "fit-1", When = "not (fit-1.metrics.err < 0.1)" }]));
        stages["fit"].ShouldSatisfyAllConditions(one => one.Kind.ShouldBe(StageKind.Barrier), one => one.Join.ShouldBe(JoinRule.Settled), one => one.After.Length.ShouldBe(3));
        stages["run-1"].After.ShouldBe([new() { Stage = "fit" }]);
        stages["run-2"].After.ShouldBe([new() { Stage = "run-1" }]);
        stages["post-2"].After.ShouldBe([new() { Stage = "run-2" }, new() { Stage = "post-1" }]);
        stages["try-3"].Run.ShouldBe("try 350 1");
        stages["try"].After.Length.ShouldBe(4);
        WorkflowGraph.Of([.. stages.Values]).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Dates_members_and_a_matrix_become_simulations()
    {
        var campaign = CampaignFile.Read(Head +
            """
            dates: [20260101, 20260201]
            matrix: { forcing: [1, 4] }
            members: 2
            stages: { run: { run: "run {date} {member} {forcing}", chunks: 2 } }
            """).Campaign!;

        campaign.Simulations.Length.ShouldBe(8);
        campaign.Simulations[3].ShouldSatisfyAllConditions(
            one => one.Id.Value.ShouldBe("s-a-forcing-1-20260201-2"),
            one => one.Stages[0].Run.ShouldBe("run 20260201 2 1"),
            one => one.Labels["date"].ShouldBe("20260201"),
            one => one.Member.ShouldBe(4));
        campaign.Simulations.Select(static one => (one.Variant, one.Member)).Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public void Labels_are_kept_with_every_simulation_beside_its_parameters_and_are_placeholders()
    {
        var campaign = CampaignFile.Read(Head +
            """
            labels: { client: acme, complexity: 9 }
            scenarios: { day: { sun: 1 }, night: { sun: 0 } }
            stages: { run: { run: "render --for {client} --sun {sun}" } }
            """).Campaign!;

        campaign.Simulations.Length.ShouldBe(2);
        campaign.Simulations[1].Labels.OrderBy(static label => label.Key).Select(static label => $"{label.Key}={label.Value}").ShouldBe(["client=acme", "complexity=9", "sun=0"]);
        campaign.Simulations[1].Stages[0].Run.ShouldBe("render --for acme --sun 0");
    }

    [Theory]
    [InlineData("labels: { 1st: x }", "labels.1st")]
    [InlineData("labels: { date: x }", "labels.date")]
    [InlineData("labels: { client: [x] }", "labels.client")]
    [InlineData("labels: { sun: 3 }\nscenarios: { day: { sun: 1 } }", "labels.sun")]
    [InlineData("labels: acme", "labels")]
    public void A_mistake_in_the_labels_is_named_with_its_place(string text, string place) =>
        CampaignFile.Read($"{Head}{text}\nstages: {{ run: {{ run: x }} }}").Problems.ShouldContain(problem => problem.Path == place);

    [Fact]
    public void Stages_that_are_added_are_read_in_the_same_words()
    {
        StageDefinition[] existing = [new() { Name = "x", Run = "x" }, new() { Name = "y", Run = "y", After = [new() { Stage = "x" }] }];

        var reading = StageFile.Read(
            """{"key":"k1","stages":{"z":{"run":"z {forcing} {member}","after":{"x":{"progress":0.5}}}},"edges":{"y":"z"}}""", existing, new Dictionary<string, string> { ["forcing"] = "4" }, 2);

        reading.Problems.ShouldBeEmpty();
        reading.Addition!.Key.ShouldBe("k1");
        reading.Addition.Stages.ShouldHaveSingleItem().ShouldSatisfyAllConditions(one => one.Run.ShouldBe("z 4 2"), one => one.After[0].Progress.ShouldBe(0.5));
        reading.Addition.Edges.ShouldHaveSingleItem().ShouldSatisfyAllConditions(edge => edge.Stage.ShouldBe("y"), edge => edge.Dependency.Stage.ShouldBe("z"));
    }

    [Theory]
    [InlineData("{}", "stages")]
    [InlineData("""{"stages":{"x":{"run":"x"}}}""", "stages.x")]
    [InlineData("""{"stages":{"z":{"run":"z","after":"w"}}}""", "stages.z.after")]
    [InlineData("""{"stages":{"z":{"run":"z {nothing}"}}}""", "stages.z.run")]
    [InlineData("""{"edges":{"w":"x"}}""", "edges.w")]
    [InlineData("""{"stagess":{}}""", "stagess")]
    public void A_mistake_in_stages_that_are_added_is_told_with_its_place(string text, string path) =>
        StageFile.Read(text, [new() { Name = "x", Run = "x" }], new Dictionary<string, string>(), 0).Problems.Select(static problem => problem.Path).ShouldContain(path);

    private static Dictionary<string, StageDefinition> Stages(string text)
    {
        var reading = CampaignFile.Read(Head + text);
        reading.Problems.ShouldBeEmpty();
        return reading.Campaign!.Simulations[0].Stages.ToDictionary(static stage => stage.Name);
    }
}
