namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>
/// The whole pipeline over random machines, queues and events: invariants 3, 7, 8, 10 and 11 after every step, and in the end nobody has starved. Each failure names its seed,
/// which plays the same again.
/// </summary>
public sealed class WholeTests
{
    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void The_invariants_hold_over_a_whole_history(int seed) => Play(seed);

    [Fact]
    public void The_same_seed_gives_the_same_facts() =>
        new Site(2).Play().Ledger.Select(static entry => entry.Stored).ShouldBe(new Site(2).Play().Ledger.Select(static entry => entry.Stored), "invariant 11");

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
