namespace Orleans.Runtime;

/// <summary>Whose turn this thread runs. Set by the activation's scheduler, so it is gone behind ConfigureAwait(false).</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? current;

    public static IGrainContext? Current
    {
        get => current;
        set => current = value;
    }
}
