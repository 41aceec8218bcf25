namespace Orchestrator.Silo.Gateway;

/// <summary>Marks connections over the Unix socket: only the owner of the silo gets through to it.</summary>
internal sealed class OwnerConnection
{
    public static OwnerConnection Instance { get; } = new();
}
