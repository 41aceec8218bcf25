using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Histories that nobody would think of, by seed. A seed that fails is printed, and goes into the fixed ones.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int FixedSeeds = 200;
    private const int FreshSeeds = 50;

    [Fact]
    public void Whatever_goes_wrong_a_simulation_ends_with_a_reason_and_every_law_is_kept()
    {
        var ends = new SortedDictionary<SimulationStatus, int>();
        for (var seed = 1; seed <= FixedSeeds; seed++)
        {
            var status = Live(seed).State.Status;
            ends[status] = ends.GetValueOrDefault(status) + 1;
        }

        output.WriteLine(string.Join(", ", ends));
        // The world is neither so kind nor so cruel that a rule is never needed.
        ends.Keys.ShouldBe([SimulationStatus.Completed, SimulationStatus.Failed, SimulationStatus.Cancelled]);
    }

    [Fact]
    public void So_it_is_for_seeds_that_were_never_tried()
    {
        var first = Environment.TickCount & int.MaxValue;
        for (var seed = first; seed != first + FreshSeeds; seed++)
        {
            Live(seed);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        var one = Live(7).Log.Select(static occurrence => occurrence.Text);
        var other = Live(7).Log.Select(static occurrence => occurrence.Text);

        other.ShouldBe(one);
    }

    private Chaos Live(int seed)
    {
        var chaos = new Chaos(seed);
        try
        {
            chaos.Run();
            chaos.CheckTheEnd();
            return chaos;
        }
        catch
        {
            output.WriteLine($"seed {seed}");
            foreach (var occurrence in chaos.Log.TakeLast(40))
            {
                output.WriteLine($"{occurrence.Sequence} {occurrence.At:T} {occurrence.Stage}@{occurrence.Epoch} {occurrence.Kind}: {occurrence.Text}");
            }

            throw;
        }
    }
}
