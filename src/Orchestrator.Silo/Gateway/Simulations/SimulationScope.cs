using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Which rows of the index a caller sees; their project is "institution/project".</summary>
internal static class SimulationScope
{
    public static SimulationIndexFilter Of(Caller caller) => caller.SeesEverything ? SimulationIndexFilter.All : new()
    {
        Institution = caller.Principal.Institution,
        Projects = caller.Principal.Projects.IsEmpty ? null : [.. caller.Principal.Projects.Select(project => $"{caller.Principal.Institution}/{project}")],
    };
}
