namespace Orchestrator.Silo.Gateway;

/// <summary>Names as they cross the wire.</summary>
internal static class Names
{
    public static string Camel(string name) => name.Length == 0 ? "" : char.ToLowerInvariant(name[0]) + name[1..];
}
