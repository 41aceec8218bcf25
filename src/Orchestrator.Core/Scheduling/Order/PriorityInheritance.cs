using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>The highest class that each piece of work gets from those it waits for, and from those that wait for it, over any number of steps. Nobody gets a lower one.</summary>
public static class PriorityInheritance
{
    /// <summary>The effective class of each of <paramref name="classes"/>.</summary>
    /// <param name="classes">Own classes by name.</param>
    /// <param name="parents">For whom each waits; who is not listed waits for nobody.</param>
    /// <param name="direction">Who inherits from whom.</param>
    /// <exception cref="ArgumentException">Somebody waits for one that has no class; or, in a circle, for himself: the message names it, as <c>a → b → a</c>.</exception>
    public static ImmutableSortedDictionary<string, PriorityClass> Effective(
        IReadOnlyDictionary<string, PriorityClass> classes,
        IReadOnlyDictionary<string, ImmutableArray<string>> parents,
        InheritanceDirection direction)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(parents);
        if (direction is < InheritanceDirection.None or > InheritanceDirection.Both)
        {
            throw new ArgumentException("direction: none, parents to children, children to parents or both are allowed.", nameof(direction));
        }

        var order = ParentsFirst(classes, parents);
        var (down, up) = (new Dictionary<string, PriorityClass>(classes, StringComparer.Ordinal), new Dictionary<string, PriorityClass>(classes, StringComparer.Ordinal));
        if (direction is InheritanceDirection.ParentsToChildren or InheritanceDirection.Both)
        {
            foreach (var name in order)
            {
                foreach (var parent in ParentsOf(parents, name))
                {
                    down[name] = Higher(down[name], down[parent]);
                }
            }
        }

        if (direction is InheritanceDirection.ChildrenToParents or InheritanceDirection.Both)
        {
            for (var at = order.Count - 1; at >= 0; at--)
            {
                foreach (var parent in ParentsOf(parents, order[at]))
                {
                    up[parent] = Higher(up[parent], up[order[at]]);
                }
            }
        }

        return order.ToImmutableSortedDictionary(static name => name, name => Higher(down[name], up[name]), StringComparer.Ordinal);
    }

    private static PriorityClass Higher(PriorityClass left, PriorityClass right) => left >= right ? left : right;

    private static ImmutableArray<string> ParentsOf(IReadOnlyDictionary<string, ImmutableArray<string>> parents, string name) =>
        parents.TryGetValue(name, out var found) && !found.IsDefault ? found : [];

    /// <summary>Without recursion: chains are as long as campaigns.</summary>
    private static List<string> ParentsFirst(IReadOnlyDictionary<string, PriorityClass> classes, IReadOnlyDictionary<string, ImmutableArray<string>> parents)
    {
        var order = new List<string>(classes.Count);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var onPath = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<(string Name, int Next)>();
        foreach (var start in classes.Keys.Order(StringComparer.Ordinal))
        {
            if (done.Contains(start))
            {
                continue;
            }

            path.Add((start, 0));
            onPath.Add(start);
            while (path.Count > 0)
            {
                var (name, next) = path[^1];
                var waitsFor = ParentsOf(parents, name);
                if (next == waitsFor.Length)
                {
                    path.RemoveAt(path.Count - 1);
                    onPath.Remove(name);
                    done.Add(name);
                    order.Add(name);
                    continue;
                }

                path[^1] = (name, next + 1);
                var parent = waitsFor[next];
                if (!classes.ContainsKey(parent))
                {
                    throw new ArgumentException($"{name} waits for {parent}, which is not listed.", nameof(parents));
                }

                if (onPath.Contains(parent))
                {
                    var circle = path.Select(static step => step.Name).SkipWhile(step => step != parent).Append(parent);
                    throw new ArgumentException($"Priority is inherited in a circle: {string.Join(" → ", circle)}.", nameof(parents));
                }

                if (!done.Contains(parent))
                {
                    path.Add((parent, 0));
                    onPath.Add(parent);
                }
            }
        }

        return order;
    }
}
