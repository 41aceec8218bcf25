using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>
/// Graphs of usual shapes. A template is a list of stages that wait for each other; <see cref="WorkflowInstance"/> runs it. In commands and environments <c>{NAME}</c> is replaced
/// by the value of a parameter where the shape has any.
/// </summary>
public static class WorkflowTemplates
{
    public const string Start = "Start";
    public const string End = "End";

    /// <summary>One after the other.</summary>
    public static ImmutableArray<StageDefinition> Sequential(params ImmutableArray<StageDefinition> stages) =>
        [.. stages.Select((stage, place) => place == 0 ? stage : After(stage, new Dependency { Stage = stages[place - 1].Name }))];

    /// <summary>Beside each other, between two barriers.</summary>
    public static ImmutableArray<StageDefinition> Parallel(params ImmutableArray<StageDefinition> stages) =>
    [
        Barrier(Start),
        .. stages.Select(static stage => After(stage, new Dependency { Stage = Start })),
        Barrier(End, stages),
    ];

    /// <summary>As the edges say; pairs of first and second.</summary>
    public static ImmutableArray<StageDefinition> Dag(ImmutableArray<StageDefinition> stages, params ImmutableArray<(string From, string To)> edges) =>
        [.. stages.Select(stage => edges.Where(edge => edge.To == stage.Name).Aggregate(stage, static (made, edge) => After(made, new Dependency { Stage = edge.From })))];

    /// <summary>After a stage one of two branches, by an expression over its results; where they meet stands a barrier.</summary>
    public static ImmutableArray<StageDefinition> Conditional(StageDefinition decision, string when, ImmutableArray<StageDefinition> then, ImmutableArray<StageDefinition> otherwise)
    {
        ImmutableArray<StageDefinition> one = Branch(then, when);
        ImmutableArray<StageDefinition> other = Branch(otherwise, $"not ({when})");
        return [decision, .. one, .. other, Barrier(End, [.. Last(one), .. Last(other)]) with { Join = JoinRule.Settled }];

        ImmutableArray<StageDefinition> Branch(ImmutableArray<StageDefinition> stages, string expression)
        {
            var chain = Sequential(stages);
            return chain.IsEmpty ? [] : chain.SetItem(0, After(chain[0], new Dependency { Stage = decision.Name, When = expression }));
        }

        static IEnumerable<StageDefinition> Last(ImmutableArray<StageDefinition> stages) => stages.IsEmpty ? [] : [stages[^1]];
    }

    /// <summary>
    /// A bounded loop, unrolled: <c>NAME-1</c> to <c>NAME-TIMES</c>, each after the one before, and a barrier that has the name of the stage itself. What follows the loop waits for it.
    /// </summary>
    /// <param name="stage">The body; <c>{iteration}</c> is the number of the iteration, from 1.</param>
    /// <param name="times">1 to <see cref="IterationsMax"/>.</param>
    /// <param name="until">Over the results of the iteration that ended, which is called <c>this</c>: no more follow once it is true. Null: always so many.</param>
    public static ImmutableArray<StageDefinition> Iterative(StageDefinition stage, int times, string? until = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(times, IterationsMax);
        var all = ImmutableArray.CreateBuilder<StageDefinition>(times + 1);
        for (var iteration = 1; iteration <= times; iteration++)
        {
            var made = Fill(stage, new Dictionary<string, string> { ["iteration"] = Number(iteration) }) with { Name = $"{stage.Name}-{Number(iteration)}" };
            if (iteration > 1)
            {
                var before = $"{stage.Name}-{Number(iteration - 1)}";
                made = made with { After = [new() { Stage = before, When = until is null ? null : $"not ({This(until, before)})" }] };
            }

            all.Add(made);
        }

        all.Add(Barrier(stage.Name, [.. all]) with { Join = JoinRule.Settled });
        return all.ToImmutable();
    }

    /// <summary>One stage for each point of a grid, beside each other, and a barrier with the name of the stage.</summary>
    public static ImmutableArray<StageDefinition> Sweep(StageDefinition stage, IReadOnlyList<KeyValuePair<string, ImmutableArray<string>>> grid)
    {
        var points = Points(grid);
        ImmutableArray<StageDefinition> all = [.. points.Select((point, place) => Fill(stage, point) with { Name = $"{stage.Name}-{Number(place + 1)}" })];
        return [.. all, Barrier(stage.Name, all)];
    }

    /// <summary>Dates × members × chunks: for each date and member a chain of chunks, each after the one before; and a barrier with the name of the stage.</summary>
    public static ImmutableArray<StageDefinition> Ensemble(StageDefinition stage, ImmutableArray<string> dates, ImmutableArray<string> members, int chunks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunks, 1);
        var all = ImmutableArray.CreateBuilder<StageDefinition>();
        var last = ImmutableArray.CreateBuilder<StageDefinition>();
        foreach (var date in dates)
        {
            foreach (var member in members)
            {
                ImmutableArray<StageDefinition> chain = [.. Enumerable.Range(1, chunks).Select(chunk =>
                    Fill(stage, new Dictionary<string, string> { ["date"] = date, ["member"] = member, ["chunk"] = Number(chunk), ["chunks"] = Number(chunks) }) with
                    {
                        Name = $"{stage.Name}-{date}-{member}-{Number(chunk)}",
                        After = chunk == 1 ? stage.After : [new() { Stage = $"{stage.Name}-{date}-{member}-{Number(chunk - 1)}" }],
                    })];
                all.AddRange(chain);
                last.Add(chain[^1]);
            }
        }

        return [.. all, Barrier(stage.Name, last.ToImmutable())];
    }

    /// <summary>A node in place of edges from each of these to each of those that follow it.</summary>
    public static StageDefinition Barrier(string name, params ImmutableArray<StageDefinition> after) => new()
    {
        Name = name,
        Kind = StageKind.Barrier,
        EstimatedDuration = TimeSpan.FromTicks(1),
        After = [.. after.Select(static stage => new Dependency { Stage = stage.Name })],
    };

    /// <summary>Every combination, the last one changing fastest.</summary>
    public static ImmutableArray<IReadOnlyDictionary<string, string>> Points(IReadOnlyList<KeyValuePair<string, ImmutableArray<string>>> grid)
    {
        ImmutableArray<ImmutableSortedDictionary<string, string>> points = [ImmutableSortedDictionary<string, string>.Empty];
        foreach (var (name, values) in grid)
        {
            points = [.. points.SelectMany(point => values.Select(value => point.SetItem(name, value)))];
        }

        return [.. points];
    }

    /// <summary>The stage with <c>{NAME}</c> replaced in whatever a shell or a program sees of it.</summary>
    public static StageDefinition Fill(StageDefinition stage, IReadOnlyDictionary<string, string> values)
    {
        return stage with
        {
            Run = Of(stage.Run),
            Restart = stage.Restart is { } restart ? Of(restart) : null,
            Outputs = [.. stage.Outputs.Select(Of)],
            Checkpoint = stage.Checkpoint with { Files = [.. stage.Checkpoint.Files.Select(Of)], Verify = stage.Checkpoint.Verify is { } verify ? Of(verify) : null },
            Environment = stage.Environment.ToImmutableSortedDictionary(static pair => pair.Key, pair => Of(pair.Value)),
            Tasks = stage.Tasks?.Map(Of),
        };

        string Of(string text) => values.Aggregate(text, static (made, value) => made.Replace("{" + value.Key + "}", value.Value, StringComparison.Ordinal));
    }

    /// <summary>What a loop calls <c>this</c> is one of its iterations.</summary>
    public static string This(string expression, string stage) => System.Text.RegularExpressions.Regex.Replace(expression, @"(?<![A-Za-z0-9_.-])this(?=[.,])", stage);

    public const int IterationsMax = 1000;

    private static StageDefinition After(StageDefinition stage, Dependency edge) => stage with { After = stage.After.Add(edge) };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
