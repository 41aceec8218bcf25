namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>One configuration after the other, each to its end.</summary>
internal sealed class FifoCurvePolicy(int[] epochs) : ICurvePolicy
{
    private readonly int[] trained = new int[epochs.Length];
    private int at;

    public int Next()
    {
        while (at < epochs.Length && trained[at] >= epochs[at])
        {
            at++;
        }

        return at < epochs.Length ? at : -1;
    }

    public void Observe(int configuration, int epochs, double loss) => trained[configuration] = epochs;
}
