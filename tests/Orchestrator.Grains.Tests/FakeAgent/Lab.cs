using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.FakeAgent;

/// <summary>Silos, a cluster of fake nodes and simulations, driven by the clock of the test: one turn is one heartbeat interval.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string?> Windows = new()
    {
        ["Orchestrator:Nodes:HeartbeatInterval"] = "00:00:01",
        ["Orchestrator:Nodes:DetectionWindow"] = "00:00:05",
        ["Orchestrator:Simulations:StopMargin"] = "00:00:05",
        ["Orchestrator:Simulations:LookEvery"] = "00:00:10",
        ["Orchestrator:Scenarios:Gather"] = "00:00:00",
        ["Orchestrator:Accounts:Gather"] = "00:00:00",
        ["Orchestrator:Clusters:PlanInterval"] = "00:00:00",
    };

    private readonly List<FakeNode> nodes = [];
    private readonly List<string> simulations = [];
    private readonly Dictionary<string, FakeProgram> programs = new(StringComparer.Ordinal);

    private Lab(GrainWorld world)
    {
        World = world;
        Cluster = new ClusterId(world.NewKey('k'));
    }

    public GrainWorld World { get; }

    public FakeDisk Disk { get; } = new();

    public ClusterId Cluster { get; }

    public IReadOnlyList<FakeNode> Nodes => nodes;

    public int Turns { get; private set; }

    /// <summary>A turn ends after so many rounds in which nothing but the rounds themselves had begun.</summary>
    public int QuietRounds { get; set; } = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="nodes">How many there are.</param>
    /// <param name="over">Where it is stored.</param>
    /// <param name="cores">Of each node.</param>
    /// <param name="settings">What differs from the configuration of all labs.</param>
    /// <param name="silos">How many there are.</param>
    public static async Task<Lab> OpenAsync(int nodes, Over over = Over.Sqlite, int cores = 4, IReadOnlyDictionary<string, string?>? settings = null, int silos = 2)
    {
        var all = new Dictionary<string, string?>(Windows);
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
        {
            all[key] = value;
        }

        var lab = new Lab(await GrainWorld.StartAsync(over, silos, all));
        for (var i = 0; i < nodes; i++)
        {
            lab.AddNode(cores);
        }

        return lab;
    }

    public FakeNode AddNode(int cores = 4, params string[] topology)
    {
        var node = new FakeNode(World, Disk, new NodeId(World.NewKey('n')), Cluster, attempt => programs.GetValueOrDefault(attempt.Stage) ?? new(), cores) { Topology = [.. topology] };
        nodes.Add(node);
        return node;
    }

    /// <summary>From now on stages of this name run this program.</summary>
    public void Runs(string stage, FakeProgram program) => programs[stage] = program;

    public static StageDefinition Stage(string name, string? after = null, int nodes = 1, int cores = 1) => new()
    {
        Name = name,
        Run = name,
        Resources = new ResourceRequest { Nodes = nodes, RanksPerNode = cores },
        EstimatedDuration = TimeSpan.FromMinutes(1),
        After = after is null ? [] : [new Dependency { Stage = after }],
        Grace = TimeSpan.FromSeconds(3),
        Retry = new RetryPolicy { RetriesMax = 2, BackoffFirst = TimeSpan.FromSeconds(2), BackoffMax = TimeSpan.FromSeconds(4) },
    };

    public async Task<ISimulationGrain> SubmitAsync(StageDefinition[] stages, string campaign = "co2", ScenarioId? scenario = null, string variant = "", AccountId account = default, int order = 0,
        Func<SimulationDefinition, SimulationDefinition>? with = null)
    {
        var id = new SimulationId(World.NewKey('s'));
        var grain = World.Grains.GetGrain<ISimulationGrain>(id.Value);
        var reply = await grain.SubmitAsync(
            new SubmitRequest
            {
                Order = order,
                Definition = (with ?? (static definition => definition))(new SimulationDefinition
                {
                    Id = id,
                    Name = id.Value,
                    Campaign = campaign,
                    Scenario = scenario,
                    Variant = variant,
                    Member = variant.Length == 0 ? 0 : 1,
                    Owner = new Ownership { Institution = "climate", Project = "attribution", User = "ada", Account = account },
                    Cluster = Cluster,
                    Stages = [.. stages],
                }),
            },
            Token);
        reply.Outcome.ShouldBe(SubmitOutcome.Accepted, reply.Reason);
        simulations.Add(id.Value);
        return grain;
    }

    /// <summary>Nothing more comes of it: turns need not wait for it.</summary>
    public void Leave(ISimulationGrain simulation) => simulations.Remove(simulation.GetPrimaryKeyString());

    /// <summary>One heartbeat interval, or another time: the clock goes on, every node has its turn, and what both set off comes to rest.</summary>
    public async Task TurnAsync(TimeSpan? interval = null)
    {
        Turns++;
        World.Clock.Advance(interval ?? Interval);
        await SettleAsync();
        foreach (var node in nodes)
        {
            await node.TurnAsync();
        }

        await SettleAsync();
    }

    /// <summary>
    /// Calls every grain until nothing but these calls has begun between two rounds: a call waits behind the timers and writes of its grain. So time does not outrun the
    /// grains on a slow machine.
    /// </summary>
    private async Task SettleAsync()
    {
        const int RoundsMax = 50;
        var quietRounds = 0;
        for (var round = 0; round < RoundsMax && quietRounds < QuietRounds; round++)
        {
            var before = World.Whereabouts.Begun;
            var calls = 0;
            try
            {
                calls = nodes.Count + 1 + simulations.Count;
                await Task.WhenAll(
                [
                    .. nodes.Select(node => World.Grains.GetGrain<INodeGrain>(node.Id.Value).SetWantedAsync(new(), Token)),
                    World.Grains.GetGrain<IClusterGrain>(Cluster.Value).ReleaseAsync(new AttemptId(new SimulationId("s-nobody"), "none", 1), Token),
                    .. simulations.Select(simulation => World.Grains.GetGrain<ISimulationGrain>(simulation).ControlAsync(new(), Token)),
                ]);
            }
            catch (Exception trouble) when (IsTrouble(trouble))
            {
                // The grain moves, or reads its state again: it is asked anew.
            }

            while (!World.Plans.IsIdle)
            {
                // On a busy machine it takes long until a plan even begins: turns that ran on meanwhile would give it up again and again.
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
            }

            quietRounds = World.Whereabouts.IsQuiet && World.Whereabouts.Begun - before <= calls ? quietRounds + 1 : 0;
            await Task.Yield();
        }
    }

    public async Task UntilAsync(Func<Task<bool>> condition, string what, int turns = 400)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            if (await TriedAsync(condition))
            {
                return;
            }

            await TurnAsync();
        }

        throw new TimeoutException($"After {turns} turns it had not come to be that {what}. {await DescribeAsync()}");
    }

    public Task UntilAsync(ISimulationGrain simulation, SimulationStatus status, int turns = 400) =>
        UntilAsync(async () => (await simulation.GetAsync(Token))?.Status == status, $"{simulation.GetPrimaryKeyString()} is {status}", turns);

    public Task UntilAsync(ISimulationGrain simulation, string stage, Func<StageView, bool> condition, string what, int turns = 400) =>
        UntilAsync(async () => (await simulation.GetAsync(Token))!.Stages.Single(candidate => candidate.Name == stage) is { } view && condition(view), $"{stage} {what}", turns);

    /// <summary>The events of a simulation as the log has them; in order and without gaps, or the test fails.</summary>
    public async Task<IReadOnlyList<OrchestratorEvent>> EventsOfAsync(ISimulationGrain simulation)
    {
        var records = await World.EventsOfAsync(simulation.GetPrimaryKeyString());
        records.Select(static record => record.Sequence).ShouldBe(Enumerable.Range(1, records.Count).Select(static number => (long)number));
        records.Select(static record => record.Position).ShouldBeInOrder();
        return [.. records.Select(EventPublisher.Read)];
    }

    /// <summary>All events of a simulation that has ended; its end may take a moment to the log.</summary>
    public async Task<IReadOnlyList<OrchestratorEvent>> AllEventsOfAsync(ISimulationGrain simulation)
    {
        string[] ends = [EventKinds.SimulationCompleted, EventKinds.SimulationFailed, EventKinds.SimulationCancelled];
        await World.UntilAsync(async () => (await EventsOfAsync(simulation)).Any(occurrence => ends.Contains(occurrence.Kind)), "its end was logged");
        return await EventsOfAsync(simulation);
    }

    /// <summary>What must hold at the end of every test: nothing forbidden happened, every lease was returned, nothing runs. What a lost node holds nobody knows.</summary>
    public async Task CheckEndAsync(params ISimulationGrain[] completed)
    {
        foreach (var simulation in completed)
        {
            await UntilAsync(simulation, SimulationStatus.Completed);
            foreach (var stage in (await simulation.GetAsync(Token))!.Stages)
            {
                var program = programs.GetValueOrDefault(stage.Name) ?? new();
                stage.Status.ShouldBe(StageStatus.Completed);
                Disk.Results[$"{simulation.GetPrimaryKeyString()}/{stage.Name}"].Value.ShouldBe(FakeDisk.Undisturbed(program.Steps), $"the result of {stage.Name}");
            }

            (await AllEventsOfAsync(simulation)).Count(static occurrence => occurrence.Kind == EventKinds.SimulationCompleted).ShouldBe(1);
        }

        var cluster = World.Grains.GetGrain<IClusterGrain>(Cluster.Value);
        await UntilAsync(async () => (await cluster.GetAsync(Token)) is { Leases.IsEmpty: true, Queue.IsEmpty: true } view && view.Nodes.All(static node => node.CoresLeased == 0 || node.Status == NodeStatus.Lost), "all leases were returned", 60);
        await UntilAsync(() => Task.FromResult(Disk.Processes().All(process => nodes.Single(node => node.Id == process.Node) is { IsCutOff: true } or { IsStopped: true })), "nothing runs", 30);
        Disk.Violations.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync() => await World.DisposeAsync();

    private static async Task<bool> TriedAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (Exception trouble) when (IsTrouble(trouble))
        {
            return false;
        }
    }

    private static bool IsTrouble(Exception error) => error is Orleans.Runtime.OrleansException or TimeoutException or OrchestratorException { IsTransient: true };

    private async Task<string> DescribeAsync()
    {
        var view = await World.Grains.GetGrain<IClusterGrain>(Cluster.Value).GetAsync(Token);
        var events = await World.Events.ReadAsync(0, EventFilter.All, 10_000, Token);
        return string.Create(CultureInfo.InvariantCulture, $"""
            Leases: {string.Join(", ", view.Leases.Select(static lease => $"{lease.Attempt} {lease.State}"))}. Queue: {string.Join(", ", view.Queue.Select(static lease => $"{lease.Attempt} {lease.Reason}"))}.
            Nodes: {string.Join(", ", view.Nodes.Select(static node => $"{node.Id} {node.Status} {node.CoresLeased}/{node.Cores}"))}.
            Processes: {string.Join(", ", Disk.Processes())}. Troubles: {string.Join(", ", nodes.SelectMany(static node => node.Troubles).Select(static trouble => trouble.Message).Distinct().Take(5))}.
            {string.Join('\n', events.TakeLast(25).Select(EventPublisher.Read).Select(static occurrence => $"{occurrence.At:HH:mm:ss} {occurrence.Source} {occurrence.Kind}: {occurrence.Text}"))}
            """);
    }
}
