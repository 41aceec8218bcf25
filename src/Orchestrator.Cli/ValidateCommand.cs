using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Plans;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli;

/// <summary><c>orchestrator validate FILE</c>: every mistake of a campaign file, or what it would submit.</summary>
internal static class ValidateCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A campaign file, YAML or JSON." };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var nodes = new Option<int?>("--nodes") { Description = "Estimate the end on so many nodes (default: as many as the largest stage asks for)." };
        var cores = new Option<int?>("--cores") { Description = "Cores of each of these nodes (default: as many as the largest stage asks for)." };
        foreach (var option in new[] { nodes, cores })
        {
            option.Validators.Add(static result =>
            {
                if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out var count) && count is >= 1 and <= 1_000_000))
                {
                    result.AddError($"{result.Option.Name} must be a whole number from 1 to 1000000.");
                }
            });
        }

        var command = new Command("validate", "Check a campaign file and show its plan; nothing is submitted. Exit status: 0 valid, 1 mistakes, 2 the file cannot be read.") { file, json, nodes, cores };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json), parsed.GetValue(nodes), parsed.GetValue(cores), TimeProvider.System, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    /// <summary>Checks the file and shows its plan; also what <c>submit --dry-run</c> does.</summary>
    public static int Run(FileInfo file, bool json, int? nodes, int? cores, TimeProvider clock, TextWriter output, TextWriter error)
    {
        string text;
        try
        {
            text = SubmitCommand.WithTasks(file, File.ReadAllText(file.FullName));
        }
        catch (FormatException wrong)
        {
            error.WriteLine($"{file}: {wrong.Message}");
            return ExitCodes.Unreadable;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{file} cannot be read: {fault.Message}");
            return ExitCodes.Unreadable;
        }

        var reading = CampaignFile.Read(text);
        var plan = reading.Campaign is { } campaign ? Plan(campaign, nodes, cores) : null;
        var warnings = reading.Campaign?.Simulations.Select(simulation => DeadlineRule.Problem(simulation.Deadline, clock.GetUtcNow())).OfType<string>().Distinct(StringComparer.Ordinal).ToArray() ?? [];
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(Report(reading, plan, warnings), Json));
        }
        else if (plan is not null)
        {
            output.WriteLine($"{file}: valid");
            foreach (var warning in warnings)
            {
                output.WriteLine($"warning: {warning} It would be refused.");
            }

            plan.Write(clock.GetUtcNow(), output);
        }
        else
        {
            foreach (var problem in reading.Problems)
            {
                error.WriteLine($"{file}:{problem}");
            }

            error.WriteLine(reading.Problems.Length == 1 ? "1 mistake; nothing would be submitted." : $"{reading.Problems.Length} mistakes; nothing would be submitted.");
        }

        return plan is null ? ExitCodes.Invalid : ExitCodes.Success;
    }

    private static CampaignPlan Plan(Campaign campaign, int? nodes, int? cores)
    {
        var largest = CampaignPlan.LargestOf(campaign);
        return CampaignPlan.Of(campaign, nodes ?? largest.Nodes, cores ?? largest.CoresPerNode);
    }

    private static object Report(CampaignReading reading, CampaignPlan? plan, string[] warnings) => new
    {
        Valid = plan is not null,
        reading.Campaign?.Name,
        Simulations = reading.Campaign?.Simulations.Select(static simulation => simulation.Id).ToArray() ?? [],
        CoreHours = plan?.CoreHours ?? 0,
        CriticalPath = plan?.Each.CriticalPath ?? [],
        CriticalPathSeconds = plan?.Each.CriticalPathDuration.TotalSeconds,
        plan?.Nodes,
        plan?.CoresPerNode,
        DurationSeconds = plan?.Makespan.Duration?.TotalSeconds,
        CheckpointConflicts = reading.Campaign is { } campaign ? CampaignPlan.CheckpointConflicts(campaign).Select(static pair => new { pair.Stage, pair.Conflict }).ToArray() : [],
        reading.Problems,

        // The file is right, and the moment is not: a submission of what is new would be refused.
        Warnings = warnings,
    };
}
