using Orchestrator.Core.Scenarios.Reallocation;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>
/// Asynchronous successive halving by <see cref="RungLadder"/>: promotions go first; where there is none, the next configuration begins; when all have begun, the best that wait go
/// on, so that nothing is idle and nothing ends untrained. A configuration stands for its least loss so far.
/// </summary>
internal sealed class RungCurvePolicy(int[] epochs, int[] rungs, int eta = 3) : ICurvePolicy
{
    private readonly RungLadder ladder = new(rungs.Length, eta);
    private readonly double[] least = [.. Enumerable.Repeat(double.PositiveInfinity, epochs.Length)];
    private int current = -1;
    private int next;

    public int Next()
    {
        if (current >= 0)
        {
            return current;
        }

        if (ladder.TryPromote(out current))
        {
            return current;
        }

        while (next < epochs.Length && epochs[next] == 0)
        {
            next++;
        }

        return current = next < epochs.Length ? next++ : ladder.TryFill(out var waiting) ? waiting : -1;
    }

    public void Observe(int configuration, int trained, double loss)
    {
        if (loss < least[configuration])
        {
            least[configuration] = loss;
        }

        var rung = Array.IndexOf(rungs, trained);
        if (trained >= epochs[configuration])
        {
            current = -1;
        }
        else if (rung >= 0)
        {
            ladder.Reach(rung, configuration, least[configuration]);
            current = -1;
        }
    }
}
