using System.CommandLine;
using System.Globalization;
using System.Text.Json;
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
        var command = new Command("validate", "Check a campaign file; nothing is submitted. Exit status: 0 valid, 1 mistakes, 2 the file cannot be read.") { file, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(FileInfo file, bool json, TextWriter output, TextWriter error)
    {
        string text;
        try
        {
            text = File.ReadAllText(file.FullName);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{file} cannot be read: {fault.Message}");
            return ExitCodes.Unreadable;
        }

        var reading = CampaignFile.Read(text);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(Report(reading), Json));
        }
        else if (reading.Campaign is { } campaign)
        {
            output.WriteLine($"{file}: valid");
            output.WriteLine(Summary(campaign));
        }
        else
        {
            foreach (var problem in reading.Problems)
            {
                error.WriteLine($"{file}:{problem}");
            }

            error.WriteLine(reading.Problems.Length == 1 ? "1 mistake; nothing would be submitted." : $"{reading.Problems.Length} mistakes; nothing would be submitted.");
        }

        return reading.Campaign is null ? ExitCodes.Invalid : ExitCodes.Success;
    }

    private static object Report(CampaignReading reading) => new
    {
        Valid = reading.Campaign is not null,
        reading.Campaign?.Name,
        Simulations = reading.Campaign?.Simulations.Select(static simulation => simulation.Id).ToArray() ?? [],
        CoreHours = reading.Campaign is { } campaign ? CoreHours(campaign) : 0,
        reading.Problems,
    };

    private static string Summary(Campaign campaign)
    {
        var stages = campaign.Simulations.Sum(static simulation => simulation.Stages.Length);
        return string.Create(CultureInfo.InvariantCulture, $"{campaign.Name}: {campaign.Simulations.Length} simulations, {stages} stages, {CoreHours(campaign):0.##} core-hours by their own estimates");
    }

    private static double CoreHours(Campaign campaign) => campaign.Simulations
        .SelectMany(static simulation => simulation.Stages)
        .Sum(static stage => stage.Resources.Nodes * stage.Resources.CoresPerNode * stage.EstimatedDuration.TotalHours);
}
