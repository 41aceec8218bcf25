using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Simulation.Tests;

/// <summary>The hunt overnight. ORCHESTRATOR_FIRST_SEED and ORCHESTRATOR_SEEDS say which and how many; progress goes to standard error.</summary>
public sealed class LongTests(ITestOutputHelper output)
{
    private const long Seeds = 100_000;

    [Fact, Trait("Category", "Long")]
    public void A_hundred_thousand_worlds_keep_every_invariant()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ORCHESTRATOR_LONG_TESTS") == "1", "a hunt: ./test --long");
        var count = Number("ORCHESTRATOR_SEEDS", Seeds);
        var began = Stopwatch.StartNew();
        Hunt.Run((ulong)Number("ORCHESTRATOR_FIRST_SEED", 1_000), count, output, done =>
        {
            if (done % 1000 == 0)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {count} worlds, {began.Elapsed.TotalMinutes:0} min"));
            }
        });
    }

    private static long Number(string name, long otherwise) => long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var said) ? said : otherwise;
}
