using System.CommandLine;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Scenarios;

/// <summary>How a scenario set is named on the command line.</summary>
internal static class ScenarioName
{
    public static Argument<string> Argument() => new("NAME") { Description = "A campaign with scenarios, or the id of its scenario set (o-…)." };

    /// <exception cref="CommandException">It can be the name of none.</exception>
    public static ScenarioId Parse(string name) =>
        ScenarioId.TryParse(name, out var id) || ScenarioId.TryParse($"o-{name}", out id) ? id : throw new CommandException($"\"{name}\" is no name of a campaign or scenario set", ExitCodes.Unreadable);
}
