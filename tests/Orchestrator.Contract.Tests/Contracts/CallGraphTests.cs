namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>
/// Calls go one way: a grain that waits for another is never waited for by it, however many are in between. The other
/// direction is a one-way nudge.
/// </summary>
public sealed class CallGraphTests
{
    /// <summary>Which grain waits for which, by grain type.</summary>
    private static readonly Dictionary<string, string[]> Waits = new(StringComparer.Ordinal)
    {
        ["scenario"] = ["simulation", "account"],
        ["simulation"] = ["task-segment", "cluster", "node"],
        ["cluster"] = ["node", "account"],
    };

    private static IEnumerable<(string From, string To, string Method)> AwaitedCalls() =>
        from grain in OurAssemblies.GrainClasses
        from call in CallGraph.CallsOf(grain)
        where !call.IsOneWay
        from target in OurAssemblies.GrainClasses.Where(candidate => candidate.IsAssignableTo(call.Method.DeclaringType!))
        select (GrainTypes.NameOf(grain) ?? grain.Name, GrainTypes.NameOf(target) ?? target.Name, $"{call.Method.DeclaringType!.Name}.{call.Method.Name}");

    [Fact]
    public void Grains_wait_only_for_grains_below_them() => Violations.None(
        from call in AwaitedCalls()
        where !Waits.TryGetValue(call.From, out var below) || !below.Contains(call.To)
        select $"{call.From} waits for {call.To} ({call.Method}): make it a [OneWay] nudge, or let the gateway ask.");

    [Fact]
    public void Nobody_waits_in_a_circle()
    {
        var edges = AwaitedCalls().Concat(Waits.SelectMany(static pair => pair.Value.Select(to => (From: pair.Key, To: to, Method: "table"))))
            .ToLookup(static call => call.From, static call => call.To);
        var circles = new List<string>();
        foreach (var start in edges.Select(static group => group.Key))
        {
            var reached = new HashSet<string>();
            var pending = new Stack<string>(edges[start]);
            while (pending.TryPop(out var grain))
            {
                if (reached.Add(grain))
                {
                    foreach (var next in edges[grain])
                    {
                        pending.Push(next);
                    }
                }
            }

            if (reached.Contains(start))
            {
                circles.Add($"{start} waits for itself.");
            }
        }

        Violations.None(circles);
    }
}
