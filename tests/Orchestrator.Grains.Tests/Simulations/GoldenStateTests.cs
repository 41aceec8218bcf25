using System.Text.Json.Nodes;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Tests.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Grains.Tests.Simulations;

/// <summary>What a release stored, later ones read. A file under Golden is never changed: a new form gets a new folder beside it.</summary>
public sealed class GoldenStateTests
{
    private static readonly GrainStateSerializer Serializer = new(new GrainStateSerializerOptions());

    private static string Golden(string form) => Path.Combine(AppContext.BaseDirectory, "Golden", form, "orchestrator.simulation-state.json");

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void A_simulation_that_an_earlier_release_stored_is_read_and_goes_on(string form)
    {
        var state = Serializer.Deserialize<SimulationState>(new BinaryData(File.ReadAllText(Golden(form))));

        SimulationMachine.SanityCheck(state).ShouldBeEmpty();
        state.Status.ShouldBe(SimulationStatus.Running);
        state.Definition.Stages.Select(static stage => stage.Name).ShouldBe(["spin-up", "coupled", "diagnostics"]);
        state.Stages[0].Status.ShouldBe(StageStatus.Completed);
        state.Stages[1].Live!.Restore.ShouldBe(["e1/step-00000200", "e1/step-00000100"]);
        state.Stages[1].Checkpoints.Select(static record => record.Status).ShouldBe([CheckpointStatus.Proven, CheckpointStatus.Intact]);
        state.Stages[1].Recent.ShouldHaveSingleItem().End.ShouldBe(AttemptEnd.NodeLost);
        var after = SimulationMachine.Step(state, new SimulationInput.Cancel("golden"), state.SubmittedAt.AddHours(1));
        after.Status.ShouldBe(SimulationStatus.Cancelled);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void What_an_earlier_release_stored_goes_on_from_its_checkpoints_by_order_after_a_crash_too(string form)
    {
        var state = Serializer.Deserialize<SimulationState>(new BinaryData(File.ReadAllText(Golden(form))));
        var now = state.SubmittedAt.AddHours(1);
        var ended = SimulationMachine.Step(state, new SimulationInput.Cancel("golden"), now);

        var goesOn = SimulationMachine.Step(ended, new SimulationInput.Steer(new() { Verb = StageVerb.Rerun, Stage = "coupled", By = "ana", FromCheckpoint = true }), now);

        // The order is stored as a whole or not at all; what it owes is owed by whoever reads it then.
        var read = Serializer.Deserialize<SimulationState>(Serializer.Serialize(goesOn));
        SimulationMachine.SanityCheck(read).ShouldBeEmpty();
        read.Status.ShouldBe(SimulationStatus.Running);
        read.Stages[1].Live!.Restore.ShouldBe(["e1/step-00000200", "e1/step-00000100"]);
        read.Stages[2].Status.ShouldBe(StageStatus.Waiting);
        SimulationMachine.Owed(read).OfType<SimulationEffect.RequestLease>().ShouldHaveSingleItem().Request.Attempt.ShouldBe(new Core.Ids.AttemptId(state.Definition.Id, "coupled", state.Stages[1].Epoch + 1));
        JsonNode.DeepEquals(Node(read), Node(goesOn)).ShouldBeTrue();
    }

    [Fact]
    public void What_is_stored_comes_back_as_it_was()
    {
        var state = Told();

        var back = Serializer.Deserialize<SimulationState>(Serializer.Serialize(state));

        JsonNode.DeepEquals(Node(back), Node(state)).ShouldBeTrue();
        SimulationMachine.Owed(back).Count.ShouldBe(SimulationMachine.Owed(state).Count);
    }

    [Fact]
    public void Every_member_that_was_stored_is_still_stored_under_its_name() =>
        Missing(JsonNode.Parse(File.ReadAllText(Golden("v2"))), Node(Told()), "state").ShouldBeEmpty($"members are added, never renamed or retyped; the present form is {Serializer.Serialize(Told())}");

    private static IEnumerable<string> Missing(JsonNode? golden, JsonNode? present, string path) => (golden, present) switch
    {
        (JsonObject old, JsonObject now) => old.SelectMany(member => Missing(member.Value, now[member.Key], $"{path}.{member.Key}")),
        (JsonArray old, JsonArray now) when old.Count == now.Count => old.Zip(now).SelectMany((pair, place) => Missing(pair.First, pair.Second, $"{path}[{place}]")),
        _ => JsonNode.DeepEquals(golden, present) ? [] : [path],
    };

    private static JsonNode? Node(SimulationState state) => JsonNode.Parse(Serializer.Serialize(state).ToString());

    /// <summary>A simulation in the middle of its life, with something of everything that is stored.</summary>
    private static SimulationState Told()
    {
        var story = new Story(
            Make.Stage("spin-up") with { Outputs = ["restart.nc"], Environment = Make.Stage("x").Environment.Add("OMP_PROC_BIND", "true") },
            Make.Stage("coupled", Make.On("spin-up")) with
            {
                Walltime = TimeSpan.FromHours(12),
                Signals = new() { Checkpoint = "USR1" },
                OnExit = Make.Stage("x").OnExit.Add(75, ExitMeaning.Retry),
            },
            Make.Stage("diagnostics", Make.On("coupled", DependencyCondition.End)));
        story.Run("spin-up");
        story.Exit("spin-up");
        story.Publish("spin-up", "restart.nc");
        story.Run("coupled", "n-1", "n-2").Progress("coupled", 0.1, 100);
        var first = story.Checkpoint("coupled", 100, 0.1);
        story.Report("coupled", new AttemptReport.Verified { Checkpoint = first, Passed = true });
        story.Checkpoint("coupled", 200, 0.2);
        var lost = new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("coupled"), State = Core.Clusters.LeaseState.Lost, LostNode = new("n-2"), LastSeen = story.Now });

        // The last step as it is stored, with its outbox, history and releases still owed.
        return SimulationMachine.Step(story.State, lost, story.Now.AddSeconds(2), story.Policy);
    }
}
