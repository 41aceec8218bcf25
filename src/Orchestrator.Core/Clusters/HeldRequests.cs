using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>Work of a question that is not submitted before other work of it ended.</summary>
internal sealed class HeldRequests
{
    private readonly Dictionary<AttemptId, (LeaseRequest Request, HashSet<AttemptId> After)> held = [];
    private readonly ILookup<AttemptId, AttemptId> followers;

    public HeldRequests(ImmutableArray<FollowingRequest> requests)
    {
        foreach (var each in requests)
        {
            held.Add(each.Request.Attempt, (each.Request, [.. each.After]));
        }

        followers = requests.SelectMany(static each => each.After.Select(after => (after, each.Request.Attempt))).ToLookup(static pair => pair.after, static pair => pair.Attempt);
    }

    public int Count => held.Count;

    public IEnumerable<AttemptId> Attempts => held.Keys;

    /// <summary>An attempt ended: those that waited for it alone are submitted, in the order of the question.</summary>
    public List<LeaseRequest> Release(AttemptId over)
    {
        var released = new List<LeaseRequest>();
        foreach (var follower in followers[over])
        {
            if (held.TryGetValue(follower, out var waits) && waits.After.Remove(over) && waits.After.Count == 0)
            {
                held.Remove(follower);
                released.Add(waits.Request);
            }
        }

        return released;
    }
}
