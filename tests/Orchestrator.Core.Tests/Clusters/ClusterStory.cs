using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>A cluster in words: each step is decided, stored and checked, as its grain would do it.</summary>
internal sealed class ClusterStory
{
    private readonly Dictionary<NodeId, long> versions = [];

    public ClusterPolicy Policy { get; } = new();

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ClusterState State { get; private set; } = new();

    public ClusterDuties Duties { get; private set; } = new();

    public List<(ClusterFact Fact, DateTimeOffset At)> Ledger { get; } = [];

    public static ClusterStory With(int nodes, int cores = 4)
    {
        var story = new ClusterStory();
        for (var i = 1; i <= nodes; i++)
        {
            story.See(i, cores: cores);
        }

        return story;
    }

    public static NodeId Node(int number) => new(string.Create(CultureInfo.InvariantCulture, $"n-{number}"));

    public static AttemptId Attempt(int number, int epoch = 1) => new(new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{number}")), "run", epoch);

    /// <summary>What was decided; what is told of it is in the outbox.</summary>
    public IReadOnlyList<ClusterFact> Step(ClusterInput input)
    {
        var before = State;
        var facts = ClusterMachine.Decide(before, input, Policy, Now);
        foreach (var fact in facts)
        {
            State = ClusterMachine.Apply(State, fact, Now);
            Ledger.Add((fact, Now));
        }

        Duties = Duties.After(before, State, facts);
        ClusterSanity.Check(State).ShouldBeEmpty(input.ToString());
        return [.. facts.Where(static fact => fact is not ClusterFact.Happened)];
    }

    /// <summary>An effect was done.</summary>
    public void Done(Func<ClusterDuties, ClusterDuties> what) => Duties = what(Duties);

    public void Pass(TimeSpan time) => Now += time;

    public LeaseStatus Request(int number, int nodes = 1, int cores = 1, int epoch = 1, string user = "")
    {
        Step(new ClusterInput.Requested(RequestOf(number, nodes, cores, epoch, user)));
        return Status(number, epoch);
    }

    public LeaseRequest RequestOf(int number, int nodes = 1, int cores = 1, int epoch = 1, string user = "") => new()
    {
        Attempt = Attempt(number, epoch),
        Resources = new() { Nodes = nodes, Threads = cores },
        SubmittedAt = Now,
        Order = number,
        Owner = new() { User = user },
        Grace = TimeSpan.FromSeconds(20),
    };

    public void Release(int number, int epoch = 1) => Step(new ClusterInput.Released(Attempt(number, epoch)));

    public LeaseStatus Status(int number, int epoch = 1) => ClusterMachine.StatusOf(State, Attempt(number, epoch));

    public void Plan() => Plan(State);

    /// <summary>Plans on a state that may be older than the present one.</summary>
    public void Plan(ClusterState snapshot)
    {
        Step(new ClusterInput.Planned(new Scheduler().Plan(ClusterPlanning.Problem(snapshot), Now), snapshot.Version));
        Duties = Duties.Planned(snapshot.Version);
    }

    public LeaseStatus Granted(int number, int nodes = 1, int cores = 1)
    {
        Request(number, nodes, cores);
        Plan();
        Status(number).State.ShouldBe(LeaseState.Granted);
        return Status(number);
    }

    public NodeObservation Observation(
        int number, NodeStatus status = NodeStatus.Alive, long? done = null, AttemptId[]? running = null, DateTimeOffset? lastSeen = null, NodeVerb drain = NodeVerb.Absent,
        string boot = "", int cores = 4, string user = "")
    {
        var id = Node(number);
        versions[id] = versions.GetValueOrDefault(id) + 1;
        return new()
        {
            Inventory = new()
            {
                Id = id,
                Version = versions[id],
                Status = status,
                Drain = drain,
                Capabilities = new() { Cores = cores, Memory = 1000 },
                LastSeen = lastSeen ?? (status == NodeStatus.Lost ? Now - Policy.DetectionWindow : Now),
                BootId = boot,
                User = user,
            },
            WantedVersionDone = done ?? 0,
            Running = [.. (running ?? []).Select(attempt => new RunningAttempt { Attempt = attempt, HasProcesses = true })],
        };
    }

    public void See(
        int number, NodeStatus status = NodeStatus.Alive, long? done = null, AttemptId[]? running = null, DateTimeOffset? lastSeen = null, NodeVerb drain = NodeVerb.Absent,
        string boot = "", int cores = 4, string user = "") =>
        Step(new ClusterInput.Observed(Observation(number, status, done, running, lastSeen, drain, boot, cores, user)));

    /// <summary>Since when there is a silo that looks.</summary>
    public DateTimeOffset WatchedSince { get; set; }

    public void Survey(params NodeObservation[] nodes) => Step(new ClusterInput.Surveyed([.. nodes], WatchedSince));

    /// <summary>The agent has carried out everything and has no processes but of what it is to hold.</summary>
    public void CarryOut(int number) => See(number, done: State.Version);

    public ImmutableArray<AttemptId> Wanted(int number) => [.. ClusterMachine.WantedOf(State, Node(number)).Select(lease => lease.Attempt)];

    public void Order(int number, long checkpoint = 0, DateTimeOffset? stopBy = null, StopReason reason = StopReason.Absent) =>
        Step(new ClusterInput.Ordered(new() { Attempt = Attempt(number), Checkpoint = checkpoint, StopBy = stopBy, Reason = reason }));
}
