namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>
/// The promotion rule of asynchronous successive halving (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020): who has come to a rung waits there, and
/// goes on when it is among the best one in <c>eta</c> of all that came to this rung. Nothing is ended: who is not promoted waits, and may be later. Lower losses are better; NaN is the worst.
/// </summary>
public sealed class RungLadder
{
    private readonly Rung[] rungs;
    private readonly int eta;

    /// <summary>Rungs are counted from 0.</summary>
    public RungLadder(int rungs, int eta = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rungs);
        ArgumentOutOfRangeException.ThrowIfLessThan(eta, 2);
        this.eta = eta;
        this.rungs = [.. Enumerable.Range(0, rungs).Select(static _ => new Rung())];
    }

    /// <summary>It came to a rung with this loss, and waits.</summary>
    public void Reach(int rung, int id, double loss)
    {
        var item = (double.IsNaN(loss) ? double.PositiveInfinity : loss, id);
        var place = rungs[rung].Reached.BinarySearch(item);
        place = place < 0 ? ~place : place;
        rungs[rung].Reached.Insert(place, item);
        rungs[rung].FirstWaiting = Math.Min(rungs[rung].FirstWaiting, place);
    }

    /// <summary>It went on from a rung that it had come to.</summary>
    public void Pass(int rung, int id) => rungs[rung].Passed.Add(id);

    /// <summary>Whether something that waits is among the best of its rung; the highest rung goes first, then the best. It has passed the rung then.</summary>
    public bool TryPromote(out int id) => TryTake(rung => rungs[rung].Reached.Count / eta, out id);

    /// <summary>The best of the highest rung at which anything waits, among the best or not: for resources that nobody else wants.</summary>
    public bool TryFill(out int id) => TryTake(rung => rungs[rung].Reached.Count, out id);

    private bool TryTake(Func<int, int> most, out int id)
    {
        for (var rung = rungs.Length - 1; rung >= 0; rung--)
        {
            var best = most(rung);
            for (; rungs[rung].FirstWaiting < best; rungs[rung].FirstWaiting++)
            {
                id = rungs[rung].Reached[rungs[rung].FirstWaiting].Id;
                if (rungs[rung].Passed.Add(id))
                {
                    return true;
                }
            }
        }

        id = -1;
        return false;
    }

    private sealed class Rung
    {
        /// <summary>Best first.</summary>
        public List<(double Loss, int Id)> Reached { get; } = [];

        public HashSet<int> Passed { get; } = [];

        /// <summary>All places before it have passed.</summary>
        public int FirstWaiting { get; set; }
    }
}
