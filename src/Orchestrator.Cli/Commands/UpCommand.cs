using System.CommandLine;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Silo;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator up</c>: the silo with its gateway.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var port = new Option<int?>("--port") { Description = "Listen on TCP too, for callers with a token; 0: any free port. Default: the Unix socket alone.", HelpName = "PORT" };
        var address = new Option<string?>("--address") { Description = "With --port: the IP address. Default: 127.0.0.1; a wider one needs TLS or an explicit setting.", HelpName = "ADDRESS" };
        var untilIdle = new Option<bool>("--until-idle") { Description = "End by itself once there was work and all of it has ended." };
        var config = new Option<string?>("--config") { Description = "A configuration file over the one that ships and that of the data directory.", HelpName = "FILE" };
        var policy = new Option<string?>("--policy") { Description = "A policy file (docs/policy-file.md), or fcfs, easy, easy-sjbf, conservative, default: by what plans are made.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "One value of the configuration, as in Nodes:DetectionWindow=00:00:10; can be repeated.", HelpName = "KEY=VALUE" };
        var verbose = new Option<bool>("--verbose") { Description = "Log to the console too; the log is always in the data directory, logs/up.log." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "up", "Run the silo and its gateway until Ctrl-C or `orchestrator down`. What runs on nodes goes on without it, and is found again at the next start.",
            ["orchestrator up", "orchestrator up --data /scratch/me/study --port 7400 --policy policy.yaml"],
            (ExitCodes.Success, "ended in order"), DocumentedCommand.Usage,
            (10, "it did not start; the log says why"), (11, "another silo runs on the data directory"), (12, "the port or address is not to be had"), (13, "the database is damaged"),
            (14, "the database is a newer release's"), (15, "the database cannot be reached or written"), (16, "a directory cannot be made or written"), (17, "a configuration value is not allowed"))
        {
            port, address, untilIdle, config, policy, set, verbose, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var values = new List<KeyValuePair<string, string?>>();
            foreach (var text in parsed.GetValue(set) ?? [])
            {
                values.Add(text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                    ? new(text[..at], text[(at + 1)..])
                    : throw new CommandException($"--set {text}: KEY=VALUE is allowed", ExitCodes.Unreadable));
            }

            var settings = new SiloSettings
            {
                DataDirectory = context.Data,
                Port = parsed.GetValue(port),
                Address = parsed.GetValue(address),
                UntilIdle = parsed.GetValue(untilIdle),
                ConfigurationFile = parsed.GetValue(config),
                Policy = parsed.GetValue(policy),
                Values = values,
                ConsoleLogLevel = parsed.GetValue(verbose) ? LogLevel.Information : null,
                HandleSignals = true,
                Started = endpoint => Tell(context, endpoint),
            };
            try
            {
                await SiloHost.RunAsync(settings, cancellationToken);
                return ExitCodes.Success;
            }
            catch (SiloStartException fault)
            {
                throw new CommandException(fault.Message, fault.ExitCode);
            }
        }));
        return command;
    }

    private static void Tell(CommandContext context, EndpointFile endpoint)
    {
        if (context.Json)
        {
            context.WriteJsonLine(endpoint);
            return;
        }

        context.Output.WriteLine($"orchestrator {endpoint.Version} runs on {context.Data}{(endpoint.Url is { } url ? $", and listens on {url}" : "")}. Ctrl-C ends it; what runs on nodes goes on.");
        context.Output.Flush();
    }
}
