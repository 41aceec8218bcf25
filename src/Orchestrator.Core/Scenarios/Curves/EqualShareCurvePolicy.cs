namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>Round-robin: each configuration that is not at its end gets one epoch, then each the next.</summary>
internal sealed class EqualShareCurvePolicy(int[] epochs) : ICurvePolicy
{
    private readonly int[] trained = new int[epochs.Length];
    private int at;

    public int Next()
    {
        for (var tried = 0; tried < epochs.Length; tried++, at = (at + 1) % epochs.Length)
        {
            if (trained[at] < epochs[at])
            {
                return at;
            }
        }

        return -1;
    }

    public void Observe(int configuration, int epochs, double loss)
    {
        trained[configuration] = epochs;
        at = (configuration + 1) % trained.Length;
    }
}
