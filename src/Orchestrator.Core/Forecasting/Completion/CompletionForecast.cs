using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Completion;

/// <summary>
/// When the stages of a simulation start and end, with how sure that is: the graph is played forward many times with durations drawn from what is known of each (Van Slyke, "Monte Carlo methods and the PERT
/// problem", 1963). Half of what makes durations vary is shared by all stages of a run, since who estimates one too short does so with the others; without that, sums would look surer than they are. The same
/// outlook at the same moment gives the same answer.
/// </summary>
public static class CompletionForecast
{
    /// <summary>How often the graph is played by default.</summary>
    public const int RunsUsual = 1000;

    private const int Seed = 20_240_501;
    private const double Shared = 0.5;

    /// <summary>What makes the end later by less than this, or than this part of the whole, is no bottleneck.</summary>
    private const double ImpactMin = 60, ImpactPart = 0.01;

    /// <param name="outlook">A graph without cycles.</param>
    /// <param name="now">The present.</param>
    /// <param name="runs">How often the graph is played; 0: once with medians, and no intervals.</param>
    /// <exception cref="ArgumentException">The stages wait for each other.</exception>
    public static SimulationTimeline Of(SimulationOutlook outlook, DateTimeOffset now, int runs = RunsUsual)
    {
        ArgumentNullException.ThrowIfNull(outlook);
        ArgumentOutOfRangeException.ThrowIfNegative(runs);
        var graph = new StageTimes(outlook, now);
        var count = outlook.Stages.Length;
        var (starts, ends, by) = (new double[count], new double[count], new int[count]);
        var normals = new double[count];
        graph.Play(normals, starts, ends, by);
        var path = graph.PathTo(ends, by);
        var bottlenecks = Bottlenecks(outlook, graph, starts, ends, path);
        var certain = runs == 0 || graph.IsOver;
        double[][] startsDrawn = [], endsDrawn = [];
        double[] lasts = [], critical = [];
        if (!certain)
        {
            (startsDrawn, endsDrawn, lasts, critical) = Draw(graph, count, runs);
        }

        var planned = graph.Plan();
        var end = graph.IsOver && outlook.EndedAt is { } ended ? (ended - outlook.SubmittedAt).TotalSeconds : Latest(ends);
        var plannedEnd = Latest(planned.Ends);
        return new()
        {
            Simulation = outlook.Simulation,
            Campaign = outlook.Campaign,
            At = now,
            SubmittedAt = outlook.SubmittedAt,
            IsOver = graph.IsOver,
            PlannedEnd = Moment(plannedEnd),
            End = Range(end, lasts),
            Deviation = TimeSpan.FromSeconds(Middle(end, lasts) - plannedEnd),
            CriticalPath = [.. path.Select(at => outlook.Stages[at].Name)],
            Bottlenecks = bottlenecks,
            Stages =
            [
                .. Enumerable.Range(0, count).OrderBy(at => starts[at]).ThenBy(static at => at).Select(at =>
                {
                    var stage = outlook.Stages[at];
                    var drawn = certain ? [] : endsDrawn[at];
                    return new StageTimeline
                    {
                        Stage = stage.Name,
                        Status = stage.Status,
                        PlannedStart = Moment(planned.Starts[at]),
                        PlannedEnd = Moment(planned.Ends[at]),
                        Start = Range(starts[at], certain ? [] : startsDrawn[at]),
                        End = Range(ends[at], drawn),
                        ActualStart = stage.StartedAt,
                        ActualEnd = stage.IsOver ? stage.EndedAt : null,
                        Deviation = TimeSpan.FromSeconds(Middle(ends[at], drawn) - planned.Ends[at]),
                        Critical = certain ? (path.Contains(at) ? 1 : 0) : critical[at],
                        Duration = stage.IsOver ? null : stage.Whole,
                    };
                }),
            ],
            Notes = outlook.Notes.AddRange(graph.Notes()),
        };

        DateTimeOffset Moment(double seconds) => outlook.SubmittedAt + TimeSpan.FromSeconds(Math.Clamp(seconds, 0, StageTimes.Furthest));

        MomentRange Range(double seconds, double[] drawn)
        {
            if (drawn.Length == 0)
            {
                return new(Moment(seconds), Moment(seconds), Moment(seconds));
            }

            Array.Sort(drawn);
            return new(Moment(Statistics.Quantile(drawn, 0.5)), Moment(Statistics.Quantile(drawn, 0.1)), Moment(Statistics.Quantile(drawn, 0.9)));
        }
    }

    private static double Latest(ReadOnlySpan<double> ends) => ends.IsEmpty ? 0 : Math.Max(0, Statistics.Max(ends));

    private static double Middle(double seconds, double[] drawn)
    {
        if (drawn.Length == 0)
        {
            return seconds;
        }

        Array.Sort(drawn);
        return Statistics.Quantile(drawn, 0.5);
    }

    /// <summary>Starts and ends of each stage, ends of the whole, and how often each stage decided it.</summary>
    private static (double[][] Starts, double[][] Ends, double[] Lasts, double[] Critical) Draw(StageTimes graph, int count, int runs)
    {
        var (startsDrawn, endsDrawn) = (new double[count][], new double[count][]);
        for (var at = 0; at < count; at++)
        {
            (startsDrawn[at], endsDrawn[at]) = (new double[runs], new double[runs]);
        }

        var (lasts, critical) = (new double[runs], new double[count]);
        var (starts, ends, by, normals) = (new double[count], new double[count], new int[count], new double[count]);
        var random = new SeededRandom(Seed, "completion");
        var (together, alone) = (Math.Sqrt(Shared), Math.Sqrt(1 - Shared));
        for (var run = 0; run < runs; run++)
        {
            var common = random.Normal();
            for (var at = 0; at < count; at++)
            {
                normals[at] = (together * common) + (alone * random.Normal());
            }

            graph.Play(normals, starts, ends, by);
            lasts[run] = Latest(ends);
            for (var at = 0; at < count; at++)
            {
                (startsDrawn[at][run], endsDrawn[at][run]) = (starts[at], ends[at]);
            }

            foreach (var at in graph.PathTo(ends, by))
            {
                critical[at] += 1.0 / runs;
            }
        }

        return (startsDrawn, endsDrawn, lasts, critical);
    }

    /// <summary>Only those on the path that decides the end can make it later. Each is set right alone, and everything played again with the waits as they are.</summary>
    private static ImmutableArray<Bottleneck> Bottlenecks(SimulationOutlook outlook, StageTimes graph, double[] starts, double[] ends, IReadOnlyList<int> path)
    {
        var found = new List<Bottleneck>();
        var last = Latest(ends);
        var (waits, lasts) = graph.Parts(starts, ends);
        foreach (var at in path)
        {
            var stage = outlook.Stages[at];
            Try(at, BottleneckKind.Runs, lasts, Math.Min(lasts[at], stage.Planned.TotalSeconds));
            Try(at, BottleneckKind.Waits, waits, Math.Min(waits[at], 0));
        }

        return [.. found.OrderByDescending(static each => each.Impact).ThenBy(static each => each.Stage, StringComparer.Ordinal)];

        void Try(int at, BottleneckKind kind, double[] part, double right)
        {
            var (present, excess) = (part[at], part[at] - right);
            part[at] = right;
            var impact = last - graph.Again(waits, lasts);
            part[at] = present;
            if (impact > Math.Max(ImpactMin, ImpactPart * last))
            {
                found.Add(new() { Stage = outlook.Stages[at].Name, Kind = kind, Excess = TimeSpan.FromSeconds(excess), Impact = TimeSpan.FromSeconds(impact) });
            }
        }
    }
}
