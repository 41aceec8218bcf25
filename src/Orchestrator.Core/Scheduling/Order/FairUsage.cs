namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What accounts counted for their users, by their places in the fair tree.</summary>
internal sealed class FairUsage
{
    private readonly List<(FairNode User, double CoreSeconds, long At)> all = [];

    public int Length => all.Count;

    public void Clear() => all.Clear();

    /// <param name="user">Whose it is.</param>
    /// <param name="coreSeconds">Decayed to the moment.</param>
    /// <param name="at">That moment, in UTC ticks.</param>
    public void Add(FairNode user, double coreSeconds, long at) => all.Add((user, coreSeconds, at));

    /// <summary>Adds all to what the users used, decayed to now; they are in this plan.</summary>
    public void Count(long plan, long now, double decayPerTick)
    {
        var (decay, of) = (0.0, long.MinValue);
        foreach (var (user, coreSeconds, at) in all)
        {
            if (at != of)
            {
                (decay, of) = (1000 * Math.Exp(-decayPerTick * Math.Max(0, now - at)), at);
            }

            user.Enter(plan);
            user.Used += coreSeconds * decay;
        }
    }
}
