using System.Globalization;
using Orchestrator.Simulation.Tests.Checks;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests;

/// <summary>One seed again, with what happened last.</summary>
internal static class Replay
{
    private const int Lines = 120;

    /// <summary>The seed that is asked for: ORCHESTRATOR_SEED; null: none.</summary>
    public static ulong? Wanted => ulong.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : null;

    public static string Command(ulong seed) => string.Create(CultureInfo.InvariantCulture, $"ORCHESTRATOR_SEED={seed} ./test Simulation");

    public static void Live(ulong seed, ITestOutputHelper output)
    {
        var whole = new Whole(seed, keepsAll: true);
        try
        {
            whole.Run();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {whole.World.Steps} events, {whole.World.Now - World.Beginning} of virtual time, trace {whole.World.Trace.Hash:x16}"));
        }
        catch (WorldFailedException failure)
        {
            var lines = int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_TRACE_LINES"), CultureInfo.InvariantCulture, out var asked) ? asked : Lines;
            foreach (var line in whole.World.Trace.Last(lines))
            {
                output.WriteLine(line);
            }

            output.WriteLine($"seed {seed}: {failure.Message}");
            output.WriteLine($"play it again: {Command(seed)}");
            throw;
        }
    }
}
