using Orchestrator.Simulation.Tests.Checks;

namespace Orchestrator.Simulation.Tests;

/// <summary>Whole worlds by seed. One that fails is printed with the command that plays it again, exactly; it goes into the fixed ones with a test that names what was wrong.</summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int FixedSeeds = 200;
    private const int FreshSeeds = 50;

    [Fact]
    public void Whatever_goes_wrong_all_that_was_accepted_ends_and_every_invariant_holds()
    {
        if (Replay.Wanted is { } seed)
        {
            Replay.Live(seed, output);
            return;
        }

        Hunt.Run(1, FixedSeeds, output);
    }

    [Fact]
    public void So_it_is_for_seeds_that_were_never_tried() => Hunt.Run((ulong)(Environment.TickCount64 + 1_000_000), Replay.Wanted is null ? FreshSeeds : 0, output);

    [Fact]
    public void The_same_seed_gives_the_same_world_twice()
    {
        var one = new Whole(11);
        one.Run();
        var other = new Whole(11);
        other.Run();

        other.World.Trace.Hash.ShouldBe(one.World.Trace.Hash);
        other.World.Steps.ShouldBe(one.World.Steps);
    }
}
