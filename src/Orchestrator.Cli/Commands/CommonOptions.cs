using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary>Options that many commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description = "The data directory. Default: $ORCHESTRATOR_DATA, else the nearest .orchestrator here or above, else ./.orchestrator.",
        HelpName = "DIRECTORY",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    public static Option<string?> Reason() => new("--reason") { Description = "Why; kept with the order and shown to others.", HelpName = "TEXT" };

    public static Argument<string> Name(string what = "A campaign, or a simulation (s-…).") => new("NAME") { Description = what };
}
