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
    public static RootCommand Create()
    {
        var root = new RootCommand("Orchestrator: durable campaigns of simulations.")
        {
            InitCommand.Create(),
            ImportCommand.Create(),
            ValidateCommand.Create(),
            RehearseCommand.Create(),
            RunCommand.Create(),
            PilotCommand.Create(),
            UpCommand.Create(),
            AgentCommand.Create(),
            SubmitCommand.Create(),
            StatusCommand.Create(),
            WatchCommand.Create(),
            WhyCommand.Create(),
            PlanCommand.Create(),
            QueueCommand.Create(),
            FailuresCommand.Create(),
            LogsCommand.Create(),
            ResultsCommand.Create(),
            PreviewCommand.Create(),
            ControlCommand.Cancel(),
            ControlCommand.Pause(),
            ControlCommand.Resume(),
            MigrateCommand.Create(),
            Checkpoint(),
            ControlCommand.DeclareDead(),
            StageCommand.Create(),
            TasksCommand.Create(),
            CleanCommand.Create(),
            DownCommand.Create(),
            PriorityCommand.Create(),
            NodeCommand.Create(),
            WindowCommand.Create(),
            ReservationCommand.Create(),
            AccountCommand.Create(),
            PolicyCommand.Create(),
            LicenceCommand.Create(),
            EnergyCommand.Create(),
            TokenCommand.Create(),
            AuditCommand.Create(),
            BackupCommand.Create(),
            DoctorCommand.Create(),
            ScenariosCommand.Create(),
            ReplayCommand.Create(),
            ForecastCommand.Create(),
            UsageCommand.Create(),
            ReportCommand.Create(),
            TimelineCommand.Create(),
            SchemaCommand.Create(),
            DemoCommand.Create(),
        };
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
