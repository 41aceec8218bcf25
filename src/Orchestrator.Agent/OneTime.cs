namespace Orchestrator.Agent;

/// <summary>True once.</summary>
internal sealed class OneTime
{
    private int taken;

    public bool Exchange() => Interlocked.Exchange(ref taken, 1) == 0;
}
