using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator down</c>: ends the silo in order.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var whenIdle = new Option<bool>("--when-idle") { Description = "Not before all simulations have ended." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "down", "End the silo in order. What runs on nodes goes on, and is found again at the next `orchestrator up`.",
            ["orchestrator down", "orchestrator down --when-idle"], (ExitCodes.Success, "asked; it ends in a moment"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            whenIdle, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            await client.ShutdownAsync(parsed.GetValue(whenIdle), cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { WhenIdle = parsed.GetValue(whenIdle) });
            }
            else
            {
                context.Output.WriteLine(parsed.GetValue(whenIdle) ? $"the silo on {context.Data} ends when all its simulations have" : $"the silo on {context.Data} ends");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
