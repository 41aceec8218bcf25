using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios list</c>.</summary>
internal static class ScenarioListCommand
{
    public static DocumentedCommand Create()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the campaigns whose scenarios are compared.", ["orchestrator scenarios list"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            var sets = await client.ListScenariosAsync(cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(sets);
            }
            else if (sets.Count == 0)
            {
                context.Output.WriteLine("no scenarios; a campaign file with scenarios makes some");
            }
            else
            {
                var table = new TextTable("ID", "CAMPAIGN", "SCENARIOS", "SIMULATIONS", "LIVE");
                foreach (var one in sets)
                {
                    table.Add(one.Id.Value, one.Campaign, ReportText.Count(one.Variants), ReportText.Count(one.Members), ReportText.Count(one.Live));
                }

                table.Write(context.Output, context.Style);
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
