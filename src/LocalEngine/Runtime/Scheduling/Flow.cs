namespace Orleans.Local;

/// <summary>Keeps the values of async locals out of what is started inside: each turn has its own.</summary>
internal readonly struct Flow : IDisposable
{
    private readonly AsyncFlowControl control;
    private readonly bool suppressed;

    private Flow(AsyncFlowControl control)
    {
        this.control = control;
        suppressed = true;
    }

    public static Flow Suppress() => ExecutionContext.IsFlowSuppressed() ? default : new Flow(ExecutionContext.SuppressFlow());

    public void Dispose()
    {
        if (suppressed)
        {
            control.Undo();
        }
    }
}
