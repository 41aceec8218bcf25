using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Checks;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests;

/// <summary>Many seeds, on all cores.</summary>
internal static class Hunt
{
    public static void Run(ulong first, long count, ITestOutputHelper output, Action<long>? progress = null)
    {
        var began = Stopwatch.StartNew();
        var failed = new ConcurrentDictionary<ulong, string>();
        var ends = new ConcurrentDictionary<SimulationStatus, int>();
        long steps = 0, restores = 0, fallbacks = 0, losses = 0, done = 0;
        Parallel.For(0L, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (i, loop) =>
        {
            var seed = first + (ulong)i;
            var whole = new Whole(seed);
            try
            {
                whole.Run();
            }
            catch (WorldFailedException failure)
            {
                failed.TryAdd(seed, failure.Message);
                if (failed.Count >= 5)
                {
                    loop.Stop();
                }
            }

            foreach (var (definition, _) in whole.Lab.Submitted)
            {
                ends.AddOrUpdate(whole.Lab.Oracle.Of(definition.Id)!.Status, 1, static (_, before) => before + 1);
            }

            Interlocked.Add(ref steps, whole.World.Steps);
            Interlocked.Add(ref restores, whole.Lab.Oracle.Restores);
            Interlocked.Add(ref fallbacks, whole.Lab.Oracle.Fallbacks);
            Interlocked.Add(ref losses, whole.Lab.Oracle.Losses);
            progress?.Invoke(Interlocked.Increment(ref done));
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} worlds in {began.Elapsed.TotalSeconds:0.0} s, {steps} events; {string.Join(", ", ends.OrderBy(static end => end.Key).Select(static end => $"{end.Value} {end.Key}"))}; {losses} attempts lost, {restores} restores, {fallbacks} damaged checkpoints passed over"));
        foreach (var (seed, why) in failed.OrderBy(static one => one.Key))
        {
            output.WriteLine($"seed {seed}: {why}");
            output.WriteLine($"    {Replay.Command(seed)}");
        }

        if (!failed.IsEmpty)
        {
            Replay.Live(failed.Keys.Min(), output);
        }
    }

    /// <summary>The first seed of so many in which a planted bug shows; null: it does not.</summary>
    public static (ulong Seed, string Why)? Find(Parts planted, int count)
    {
        (ulong Seed, string Why)? found = null;
        var gate = new Lock();
        Parallel.For(1, count + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            try
            {
                new Whole((ulong)seed, planted).Run();
            }
            catch (WorldFailedException failure)
            {
                lock (gate)
                {
                    found = found is { } earlier && earlier.Seed < (ulong)seed ? found : ((ulong)seed, failure.Message);
                }

                loop.Break();
            }
        });
        return found;
    }
}
