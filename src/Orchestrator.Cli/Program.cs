using System.CommandLine;
using Orchestrator.Cli;
using Orchestrator.Cli.Demo;
using Orchestrator.Cli.Init;

var root = new RootCommand("Orchestrator: durable campaigns of simulations.");
root.Subcommands.Add(DemoCommand.Create());
root.Subcommands.Add(InitCommand.Create());
root.Subcommands.Add(SchemaCommand.Create());
root.Subcommands.Add(ValidateCommand.Create());
return await root.Parse(args).InvokeAsync();
