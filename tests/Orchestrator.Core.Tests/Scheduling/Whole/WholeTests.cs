namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>
/// The whole pipeline over random machines, queues and events: invariants 3, 7, 8, 10 and 11 after every step, and in the end nobody has starved. Each failure names its seed,
/// which plays the same again: <c>ORCHESTRATOR_SEED=123</c> plays that one alone.
/// </summary>
public sealed class WholeTests
{
    private const int Parts = 10;
    private const int SeedsOfPart = 20;
    private const int FreshSeeds = 50;

    public static TheoryData<int> AllParts => [.. Enumerable.Range(0, Parts)];

    [Theory, MemberData(nameof(AllParts))]
    public void The_invariants_hold_over_whole_histories(int part)
    {
        for (var seed = part * SeedsOfPart; seed < (part + 1) * SeedsOfPart; seed++)
        {
            Play(seed);
        }
    }

    [Fact, Trait("Category", "Long")]
    public void So_they_do_for_seeds_that_were_never_tried()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_SEED"), out var only))
        {
            Play(only);
            return;
        }

        var first = Environment.TickCount & 0x3FFF_FFFF;
        for (var seed = first; seed < first + FreshSeeds; seed++)
        {
            Play(seed);
        }
    }

    [Theory, InlineData(2), InlineData(11), InlineData(77)]
    public void The_same_seed_gives_the_same_facts(int seed) =>
        new Site(seed).Play().Ledger.Select(static entry => entry.Stored).ShouldBe(new Site(seed).Play().Ledger.Select(static entry => entry.Stored), "invariant 11");

    private static void Play(int seed)
    {
        try
        {
            new Site(seed).Play();
        }
        catch (Exception error) when (error is not ShouldAssertException)
        {
            throw new InvalidOperationException($"seed {seed}", error);
        }
    }
}
