namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>
/// Hyperband (Li et al., JMLR 2018) over asynchronous brackets: bracket k begins at rung k, so that a curve which is slow at first is not judged too early in all of them. Each
/// bracket gets the same compute: the one that has spent the least goes next.
/// </summary>
internal sealed class HyperbandCurvePolicy : ICurvePolicy
{
    private readonly (ICurvePolicy Policy, int[] Members)[] brackets;
    private readonly (int Bracket, int Place)[] places;
    private readonly long[] spent;

    public HyperbandCurvePolicy(int[] epochs, int[] rungs, int eta = 3)
    {
        // A bracket that begins a rung later takes as much compute with fewer configurations: eta times fewer of them at each step.
        var counts = Enumerable.Range(0, rungs.Length).Select(k => Math.Pow(eta, -k) * rungs.Length / (rungs.Length - k)).ToArray();
        var members = counts.Select(static _ => new List<int>()).ToArray();
        places = new (int, int)[epochs.Length];
        for (var i = 0; i < epochs.Length; i++)
        {
            var bracket = Enumerable.Range(0, counts.Length).MinBy(k => (members[k].Count + 1) / counts[k]);
            places[i] = (bracket, members[bracket].Count);
            members[bracket].Add(i);
        }

        brackets = [.. members.Select((own, k) => ((ICurvePolicy)new RungCurvePolicy([.. own.Select(i => epochs[i])], rungs[k..], eta), own.ToArray()))];
        spent = new long[brackets.Length];
    }

    public int Next()
    {
        foreach (var bracket in Enumerable.Range(0, brackets.Length).OrderBy(bracket => spent[bracket]))
        {
            if (brackets[bracket].Policy.Next() is >= 0 and var place)
            {
                return brackets[bracket].Members[place];
            }
        }

        return -1;
    }

    public void Observe(int configuration, int trained, double loss)
    {
        var (bracket, place) = places[configuration];
        spent[bracket]++;
        brackets[bracket].Policy.Observe(place, trained, loss);
    }
}
