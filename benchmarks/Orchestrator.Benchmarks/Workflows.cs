using System.Globalization;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Benchmarks;

/// <summary>Prints how long large graphs take: to be checked, and to go on when something of them ends.</summary>
internal static class Workflows
{
    private const int Times = 7;

    private static readonly StageFacts Completed = new() { Status = StageStatus.Completed, Progress = 1, ExitStatus = 0 };

    public static void Run()
    {
        Console.WriteLine(Measured.Header);
        Print("check a graph of 100,000 stages", static () => Check(Mesh(100_000)));
        Print("1 → 7,000 → 1, all ends taken in", static () => Play(Fan(7000)));
        Print("barrier of 1,000 × 1,000, all ends taken in", static () => Play(Barrier(1000)));
        Print("chain of 10,000, the first 1,000 ends", static () => Chain(0));
        Print("chain of 10,000, the last 1,000 ends", static () => Chain(9000));
    }

    private static void Print(string name, Func<Func<int>> prepare)
    {
        var measured = new Measured(name);
        for (var time = 0; time < Times; time++)
        {
            var work = prepare();
            _ = measured.Time(work);
        }

        Console.WriteLine(measured);
    }

    private static Func<int> Check(StageDefinition[] stages) => () => WorkflowGraph.Of(stages).Graph!.Count;

    private static Func<int> Play(StageDefinition[] stages)
    {
        var tracker = Track(stages);
        return () =>
        {
            while (tracker.Ready.ToArray() is { Length: > 0 } ready)
            {
                foreach (var stage in ready)
                {
                    tracker.Report(stage, Completed, default);
                }
            }

            return tracker.CompletedCount;
        };
    }

    private static Func<int> Chain(int from)
    {
        const int Length = 10_000;
        var tracker = Track([.. Enumerable.Range(0, Length).Select(static i => Stage(Name(i), i == 0 ? [] : [Name(i - 1)]))]);
        Advance(tracker, 0, from);
        return () => Advance(tracker, from, from + 1000);
    }

    private static int Advance(WorkflowTracker tracker, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            tracker.Report(Name(i), Completed, default);
        }

        return tracker.CompletedCount;
    }

    private static StageDefinition[] Mesh(int count) => [.. Enumerable.Range(0, count).Select(static i => Stage(Name(i), i == 0 ? [] : [Name(i / 2), Name(i - 1)]))];

    private static StageDefinition[] Fan(int width)
    {
        string[] names = [.. Enumerable.Range(1, width).Select(Name)];
        return [Stage(Name(0)), .. names.Select(static name => Stage(name, Name(0))), Stage(Name(width + 1), names)];
    }

    private static StageDefinition[] Barrier(int width)
    {
        StageDefinition[] first = [.. Enumerable.Range(0, width).Select(static i => Stage(Name(i)))];
        return [.. first, WorkflowTemplates.Barrier("wall", [.. first]), .. Enumerable.Range(width, width).Select(static i => Stage(Name(i), "wall"))];
    }

    private static WorkflowTracker Track(StageDefinition[] stages) => new(WorkflowGraph.Of(stages).Graph!, default);

    private static StageDefinition Stage(string name, params string[] after) => new() { Name = name, Run = "true", After = [.. after.Select(static other => new Dependency { Stage = other })] };

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);
}
