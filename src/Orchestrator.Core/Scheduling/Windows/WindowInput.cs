namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What happens to a maintenance window.</summary>
public abstract record WindowInput
{
    private WindowInput()
    {
    }

    /// <summary>Someone, or something, calls it off.</summary>
    public sealed record Cancelled(string By, string Reason) : WindowInput;

    /// <summary>Its work is done, before its end.</summary>
    public sealed record Completed : WindowInput;

    /// <summary>Time passed.</summary>
    /// <param name="Blocked">Something that it waits for is still on its nodes.</param>
    public sealed record Ticked(bool Blocked) : WindowInput;

    /// <summary>It begins at another time than planned, because the window that it follows ends then.</summary>
    public sealed record Moved(DateTimeOffset Start) : WindowInput;
}
