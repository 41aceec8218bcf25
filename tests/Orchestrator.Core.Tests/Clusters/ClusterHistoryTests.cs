using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>
/// Random histories: requests, releases and orders in any order, nodes that vanish, come back with old processes, reboot and drain, observations that come late, plans made on
/// old states. <see cref="ClusterStory"/> checks after every step that no node is over-committed, gangs are whole, and only the newest epoch of a stage holds anything.
/// </summary>
public sealed class ClusterHistoryTests
{
    private const int Nodes = 5;

    [Fact]
    public void Whatever_happens_a_cluster_stays_sane_and_its_epochs_only_grow()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            Play(new Random(seed), steps: 150, seed);
        }
    }

    [Fact]
    public void When_all_is_quiet_every_granted_lease_is_known_to_all_of_its_nodes_and_nothing_is_owed()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var story = Play(new Random(seed), steps: 60, seed);
            var known = new Dictionary<NodeId, IReadOnlyList<AttemptId>>();

            for (var round = 0; round < 1000 && story.Duties.Owed(story.State) is { Count: > 0 } owed; round++)
            {
                Do(story, owed[0], known);
            }

            story.Duties.Owed(story.State).ShouldBeEmpty($"seed {seed}");
            foreach (var lease in ClusterMachine.LeasesOf(story.State).Where(lease => lease.State == LeaseState.Granted))
            {
                lease.Shares.ShouldAllBe(share => known[share.Node].Contains(lease.Attempt), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void The_same_history_gives_the_same_ledger()
    {
        var one = Play(new Random(7), steps: 150, 7);
        var two = Play(new Random(7), steps: 150, 7);

        one.Ledger.Select(entry => Text(entry.Fact)).ShouldBe(two.Ledger.Select(entry => Text(entry.Fact)));
    }

    private static string Text(ClusterFact fact) => System.Text.Json.JsonSerializer.Serialize(fact);

    private static void Do(ClusterStory story, ClusterEffect effect, Dictionary<NodeId, IReadOnlyList<AttemptId>> known)
    {
        // Through the same steps as the grain: what comes back may owe more.
        switch (effect)
        {
            case ClusterEffect.SetWanted wanted:
                known[wanted.Node] = [.. wanted.Leases.Select(lease => lease.Attempt)];
                story.Done(duties => duties.Told(wanted.Node, wanted.Version));
                break;
            case ClusterEffect.Nudge nudge:
                story.Done(duties => duties.Nudged(nudge.Simulation, nudge.Ticket));
                break;
            case ClusterEffect.Switch power:
                story.Done(duties => duties.Switched(power.Node, power.Ticket));
                break;
            case ClusterEffect.Survey survey:
                story.Done(duties => duties.Surveyed(survey.Ticket));
                break;
            case ClusterEffect.Pull pull:
                story.Done(duties => duties.Pulled(pull.Node, pull.Ticket));
                break;
            case ClusterEffect.Publish publish:
                story.Step(new ClusterInput.Published(publish.Events[^1].Sequence));
                break;
            case ClusterEffect.Exchange:
                throw new System.Diagnostics.UnreachableException("No work of this history has an account.");
            case ClusterEffect.Plan plan:
                story.Plan(plan.State);
                break;
        }
    }

    internal static ClusterStory Play(Random random, int steps, int seed, Action<ClusterStory>? after = null)
    {
        var story = With(Nodes);
        var snapshot = story.State;
        var late = story.Observation(1);
        var epochs = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < steps; step++)
        {
            story.Pass(TimeSpan.FromSeconds(random.Next(40)));
            var number = random.Next(1, 8);
            var epoch = random.Next(1, 5);
            var node = random.Next(1, Nodes + 1);
            switch (random.Next(18))
            {
                case 0 or 1 or 2:
                    story.Request(number, nodes: random.Next(1, 4), cores: random.Next(1, 5), epoch: epoch, user: number % 2 == 0 ? "ada" : "");
                    break;
                case 3:
                    story.Step(new ClusterInput.Released(Attempt(number, epoch), new() { End = (AttemptEnd)(step % 3), Held = TimeSpan.FromSeconds(step) }));
                    break;
                case 4:
                    story.Order(number, random.Next(4), random.Next(2) == 0 ? story.Now.AddSeconds(random.Next(60)) : null, StopReason.Pause);
                    break;
                case 5 or 6:
                    story.Plan();
                    break;
                case 7:
                    story.Plan(snapshot);
                    break;
                case 8:
                    snapshot = story.State;
                    late = story.Observation(node, NodeStatus.Alive, done: story.State.Version);
                    break;
                case 9:
                    story.Step(new ClusterInput.Observed(late));
                    break;
                case 10:
                    story.See(
                        node, (NodeStatus)random.Next(1, 5), done: random.NextInt64(story.State.Version + 1), drain: (NodeVerb)random.Next(3), boot: random.Next(8) == 0 ? $"b{step}" : "");
                    break;
                case 11:
                    story.CarryOut(node);
                    break;
                case 12:
                    story.Survey([.. Enumerable.Range(1, Nodes).Select(i => story.Observation(i, random.Next(3) == 0 ? NodeStatus.Lost : NodeStatus.Alive, done: story.State.Version))]);
                    break;
                case 13:
                    story.Step(new ClusterInput.WindowsAdded([new()
                    {
                        Id = $"w{step}",
                        Severity = (WindowSeverity)random.Next(1, 4),
                        Start = story.Now.AddSeconds(random.Next(400)),
                        End = story.Now.AddSeconds(500 + random.Next(400)),
                        Nodes = random.Next(3) == 0 ? [] : [Node(node)],
                    }]));
                    break;
                case 14:
                    story.Step(new ClusterInput.ReservationRequested(new()
                    {
                        Id = $"r{step}",
                        Kind = (ReservationKind)random.Next(1, 5),
                        Start = story.Now.AddSeconds(random.Next(400)),
                        End = story.Now.AddSeconds(500 + random.Next(400)),
                        Wanted = new() { Nodes = random.Next(1, 3) },
                        Priority = (PriorityClass)random.Next(1, 6),
                    }));
                    break;
                case 15:
                    story.Step(new ClusterInput.Passed());
                    break;
                case 16:
                    story.Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Value = random.Next(2) == 0 ? null : random.NextDouble(), Class = (PriorityClass)random.Next(0, 6) }));
                    break;
                default:
                    story.Step(new ClusterInput.Tidied());
                    break;
            }

            after?.Invoke(story);
            foreach (var (stage, newest) in story.State.Epochs)
            {
                newest.Epoch.ShouldBeGreaterThanOrEqualTo(epochs.GetValueOrDefault(stage), $"seed {seed}, step {step}");
                epochs[stage] = newest.Epoch;
            }

            foreach (var forgotten in epochs.Keys.Where(stage => !story.State.Epochs.ContainsKey(stage)).ToList())
            {
                epochs.Remove(forgotten);
            }
        }

        return story;
    }
}
