using System.CommandLine;
using Orchestrator.Cli.Checkpoints;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Demo;
using Orchestrator.Cli.Forecasting;
using Orchestrator.Cli.Import;
using Orchestrator.Cli.Init;
using Orchestrator.Cli.Pilots;
using Orchestrator.Cli.Rehearsal;
using Orchestrator.Cli.Replay;
using Orchestrator.Cli.Tasks;
using Orchestrator.Cli.Usage;
using Orchestrator.Cli.Scenarios;

namespace Orchestrator.Cli;

/// <summary>All commands, in the order in which a user meets them. Making them touches neither silo nor agent: a command that needs none of both starts fast.</summary>
internal static class CommandTree
{
    private static readonly (string Name, Func<Command> Create)[] Commands =
    [
        ("init", InitCommand.Create),
        ("import", ImportCommand.Create),
        ("validate", ValidateCommand.Create),
        ("rehearse", RehearseCommand.Create),
        ("run", RunCommand.Create),
        ("pilot", PilotCommand.Create),
        ("up", UpCommand.Create),
        ("agent", AgentCommand.Create),
        ("submit", SubmitCommand.Create),
        ("status", StatusCommand.Create),
        ("watch", WatchCommand.Create),
        ("why", WhyCommand.Create),
        ("plan", PlanCommand.Create),
        ("queue", QueueCommand.Create),
        ("failures", FailuresCommand.Create),
        ("logs", LogsCommand.Create),
        ("results", ResultsCommand.Create),
        ("preview", PreviewCommand.Create),
        ("cancel", ControlCommand.Cancel),
        ("pause", ControlCommand.Pause),
        ("resume", ControlCommand.Resume),
        ("migrate", MigrateCommand.Create),
        ("checkpoint", Checkpoint),
        ("declare-dead", ControlCommand.DeclareDead),
        ("stage", StageCommand.Create),
        ("tasks", TasksCommand.Create),
        ("clean", CleanCommand.Create),
        ("down", DownCommand.Create),
        ("priority", PriorityCommand.Create),
        ("node", NodeCommand.Create),
        ("window", WindowCommand.Create),
        ("reservation", ReservationCommand.Create),
        ("account", AccountCommand.Create),
        ("policy", PolicyCommand.Create),
        ("licence", LicenceCommand.Create),
        ("energy", EnergyCommand.Create),
        ("token", TokenCommand.Create),
        ("audit", AuditCommand.Create),
        ("backup", BackupCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("scenarios", ScenariosCommand.Create),
        ("replay", ReplayCommand.Create),
        ("forecast", ForecastCommand.Create),
        ("usage", UsageCommand.Create),
        ("report", ReportCommand.Create),
        ("timeline", TimelineCommand.Create),
        ("schema", SchemaCommand.Create),
        ("demo", DemoCommand.Create),
    ];

    /// <param name="first">The first word of the command line. Where it names a command the others are not made: most of what a short one takes would be theirs.</param>
    public static RootCommand Create(string? first = null)
    {
        var root = new RootCommand("Orchestrator: durable campaigns of simulations.");
        foreach (var (_, create) in Array.FindAll(Commands, command => command.Name == first) is { Length: > 0 } named ? named : Commands)
        {
            root.Add(create());
        }

        DocumentedCommand.ExtendHelp(root);
        return root;
    }

    /// <summary>With a name: order one. With a word: work with those that are there, by the catalogue of a simulation or in a store.</summary>
    private static Command Checkpoint()
    {
        var command = ControlCommand.Checkpoint();
        StoreCommand.AddTo(command);
        CheckpointCommand.AddTo(command);
        command.Add(StoreSettingsCommand.Create());
        return command;
    }
}
