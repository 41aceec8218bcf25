namespace Orchestrator.Definitions;

/// <summary>Who waits for whom.</summary>
internal sealed class StageGraph(IReadOnlyDictionary<string, IReadOnlyList<string>> after)
{
    /// <summary>One cycle for each edge that closes one, as the stages along it, the first one again at the end.</summary>
    public IEnumerable<IReadOnlyList<string>> Cycles()
    {
        var done = new HashSet<string>();
        foreach (var start in after.Keys)
        {
            if (!done.Add(start))
            {
                continue;
            }

            // An explicit stack: a chain of stages may be longer than the machine's stack is deep.
            List<(string Stage, int Next)> trail = [(start, 0)];
            while (trail.Count > 0)
            {
                var (stage, next) = trail[^1];
                if (next == after[stage].Count)
                {
                    trail.RemoveAt(trail.Count - 1);
                    continue;
                }

                trail[^1] = (stage, next + 1);
                var other = after[stage][next];
                if (!after.ContainsKey(other))
                {
                    continue;
                }

                var seen = trail.FindIndex(step => step.Stage == other);
                if (seen >= 0)
                {
                    yield return [.. trail[seen..].Select(step => step.Stage), other];
                }
                else if (done.Add(other))
                {
                    trail.Add((other, 0));
                }
            }
        }
    }

    /// <summary>True when <paramref name="from"/> comes after <paramref name="to"/>, directly or through others.</summary>
    public bool WaitsFor(string from, string to)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>([from]);
        while (open.TryPop(out var stage))
        {
            foreach (var other in after.GetValueOrDefault(stage, []))
            {
                if (other == to)
                {
                    return true;
                }

                if (seen.Add(other))
                {
                    open.Push(other);
                }
            }
        }

        return false;
    }
}
