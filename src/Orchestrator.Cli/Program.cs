using System.CommandLine;
using Orchestrator.Cli;

var root = new RootCommand("Orchestrator: durable campaigns of simulations.");
root.Subcommands.Add(ValidateCommand.Create());
return await root.Parse(args).InvokeAsync();
