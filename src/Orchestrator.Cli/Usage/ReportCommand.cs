using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Usage;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Usage;

/// <summary><c>orchestrator report KIND [FILE...]</c>.</summary>
internal static class ReportCommand
{
    private static readonly string[] Kinds = ["utilization", "forecast", "efficiency", "comparison", "grant", "capacity", "recommendation", "health"];
    private static readonly string[] Formats = ["text", "json", "csv", "markdown", "html"];

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = string.Join(", ", Kinds) + "." };
        var files = new Argument<string[]>("FILE") { Description = "Logs of a batch system: .swf or the output of sacct -P, each also .gz. Default: the service.", Arity = ArgumentArity.ZeroOrMore };
        var format = new Option<string>("--format") { Description = "How it is written; html is one page with its plots inside.", HelpName = string.Join('|', Formats), DefaultValueFactory = static _ => "text" };
        var output = new Option<string?>("--out") { Description = "Write it here; the ending .json, .csv, .md, .html or .txt chooses the format.", HelpName = "FILE" };
        var by = new Option<string>("--by") { Description = "What is told apart.", HelpName = "user|project|simulation|stage|node|institution", DefaultValueFactory = static _ => "user" };
        var cores = new Option<double?>("--cores") { Description = "Cores of the machine: for utilization and capacity.", HelpName = "N" };
        var horizon = new Option<int>("--horizon") { Description = "Days ahead, for forecast and capacity.", HelpName = "DAYS", DefaultValueFactory = static _ => 180 };
        var grants = new Option<string?>("--grants") { Description = "A table with grant, allocation, from, until and for each pull-back a line with pull_back, used_at_least[, takes].", HelpName = "FILE.csv" };
        var expires = new Option<string?>("--expires") { Description = "With health: by this date all has to be over (2027-01-31).", HelpName = "DATE" };
        var provenAge = new Option<string>("--proven-age") { Description = "With health: the newest proven checkpoint may be so old.", HelpName = "TIME", DefaultValueFactory = static _ => "1d" };
        var loss = new Option<string>("--loss") { Description = "With health: so much may be lost if it died now.", HelpName = "TIME", DefaultValueFactory = static _ => "1h" };
        var alert = new Option<string?>("--alert") { Description = "With health: a command that gets each new breach as JSON on its input, once as long as the breach lasts.", HelpName = "COMMAND" };
        var core = new Option<double>("--core-hour") { Description = "What an hour of a core costs.", HelpName = "COST", DefaultValueFactory = static _ => new UsageRates().CoreHour };
        var gpu = new Option<double>("--gpu-hour") { Description = "What an hour of a GPU costs.", HelpName = "COST", DefaultValueFactory = static _ => new UsageRates().GpuHour };
        var goal = new Option<string>("--goal") { Description = "With recommendation: balance, minimize_cost, maximize_throughput, minimize_waste or meet_deadline.", HelpName = "GOAL", DefaultValueFactory = static _ => "balance" };
        var timeframe = new Option<string>("--timeframe") { Description = "With recommendation: immediate, short_term, medium_term or long_term.", HelpName = "TIMEFRAME", DefaultValueFactory = static _ => "medium_term" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        kind.AcceptOnlyFromAmong(Kinds);
        format.AcceptOnlyFromAmong(Formats);
        by.AcceptOnlyFromAmong("user", "project", "simulation", "stage", "node", "institution", "task");
        goal.AcceptOnlyFromAmong("balance", "minimize_cost", "maximize_throughput", "minimize_waste", "meet_deadline");
        timeframe.AcceptOnlyFromAmong("immediate", "short_term", "medium_term", "long_term");
        var command = new DocumentedCommand(
            "report", "Report what was used, what will be, what it costs, and how healthy simulations are.",
            ["orchestrator report utilization sacct.txt --cores 1280 --out june.html", "orchestrator report grant sacct.txt --grants grants.csv --format markdown", "orchestrator report health --expires 2027-01-31 --alert ./tell-operators"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "health: something is beyond its limits"), DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            kind, files, format, output, by, cores, horizon, grants, expires, provenAge, loss, alert, core, gpu, goal, timeframe, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var chosen = context.Json ? ReportFormat.Json : FormatOf(parsed.GetRequiredValue(format), parsed.GetResult(format) is { Implicit: false }, parsed.GetValue(output));
            try
            {
                if (parsed.GetRequiredValue(kind) == "health")
                {
                    var (report, breaches) = await HealthSource.MakeAsync(context, Limits(parsed.GetValue(expires), parsed.GetRequiredValue(provenAge), parsed.GetRequiredValue(loss)), cancellationToken);
                    Write(context, report, chosen, parsed.GetValue(output));
                    if (parsed.GetValue(alert) is { } tell)
                    {
                        await TellAsync(context, tell, breaches, cancellationToken);
                    }

                    return breaches.IsEmpty ? ExitCodes.Success : ExitCodes.Invalid;
                }

                var paths = parsed.GetValue(files) ?? [];
                var import = paths.Length > 0 ? UsageFiles.Read(paths) : await UsageFiles.OfServiceAsync(context, cancellationToken);
                var request = new ReportRequest
                {
                    Kind = Enum.Parse<ReportKind>(parsed.GetRequiredValue(kind), ignoreCase: true),
                    Records = import.Records,
                    Notes = import.Notes,
                    By = Enum.Parse<UsageDimension>(parsed.GetRequiredValue(by), ignoreCase: true),
                    Cores = parsed.GetValue(cores),
                    Horizon = parsed.GetValue(horizon),
                    Grants = parsed.GetValue(grants) is { } path ? Grants(path) : [],
                    Rates = new UsageRates { CoreHour = parsed.GetValue(core), GpuHour = parsed.GetValue(gpu) },
                    Goal = Enum.Parse<PlanGoal>(parsed.GetRequiredValue(goal).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                    Timeframe = Enum.Parse<PlanTimeframe>(parsed.GetRequiredValue(timeframe).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                };
                Write(context, Reporter.Make(request), chosen, parsed.GetValue(output));
                return ExitCodes.Success;
            }
            catch (ForecastException fault)
            {
                throw new CommandException(fault.Message, ExitCodes.Unreadable);
            }
        }));
        return command;
    }

    private static ReportFormat FormatOf(string name, bool isAsked, string? path) =>
        isAsked || path is null ? Enum.Parse<ReportFormat>(name, ignoreCase: true) : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => ReportFormat.Json,
            ".csv" => ReportFormat.Csv,
            ".md" => ReportFormat.Markdown,
            ".html" or ".htm" => ReportFormat.Html,
            ".txt" => ReportFormat.Text,
            var other => throw new CommandException($"--out {path}: the ending '{other}' names no format; allowed: .json, .csv, .md, .html, .txt, or --format", ExitCodes.Unreadable),
        };

    private static void Write(CommandContext context, Report report, ReportFormat format, string? path)
    {
        if (path is null)
        {
            ReportWriter.Write(context.Output, report, format);
            return;
        }

        using var file = new WholeFile(path);
        file.Write(output => ReportWriter.Write(output, report, format));
        file.Keep();
        context.Output.WriteLine($"{report.Id}: {path}");
    }

    private static ImmutableArray<Grant> Grants(string path)
    {
        using var text = File.OpenText(path);
        return GrantTable.Read(text, Path.GetFileName(path));
    }

    private static HealthLimits Limits(string? expires, string provenAge, string loss)
    {
        var mistakes = new List<string>();
        TimeSpan Time(string option, string text)
        {
            if (DurationText.TryParse(text, out var time, out var problem))
            {
                return time;
            }

            mistakes.Add($"{option} {problem}; allowed: {DurationText.Allowed}");
            return default;
        }

        DateTimeOffset end = default;
        if (expires is not null && !DateTimeOffset.TryParse(expires, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out end))
        {
            mistakes.Add($"--expires {expires}: it is no date; allowed: 2027-01-31, or 2027-01-31T12:00:00Z");
        }

        var limits = new HealthLimits { ProvenAgeMax = Time("--proven-age", provenAge), LossMax = Time("--loss", loss), Expires = expires is null ? null : end };
        return mistakes.Count > 0 ? throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable) : limits;
    }

    /// <summary>Tells each breach once for as long as it lasts: what was told is kept in the data directory, after the command took it.</summary>
    private static async Task TellAsync(CommandContext context, string command, ImmutableArray<HealthBreach> breaches, CancellationToken cancellationToken)
    {
        var path = Path.Combine(context.Data, "health-told.json");
        var told = File.Exists(path) ? JsonSerializer.Deserialize<SortedSet<string>>(await File.ReadAllTextAsync(path, cancellationToken)) ?? [] : [];
        var keys = breaches.Select(static breach => $"{breach.Simulation} {breach.What}").ToHashSet(StringComparer.Ordinal);
        told.RemoveWhere(key => !keys.Contains(key));
        foreach (var breach in breaches)
        {
            var key = $"{breach.Simulation} {breach.What}";
            if (!told.Contains(key))
            {
                var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
                start.ArgumentList.Add("-c");
                start.ArgumentList.Add(command);
                using var process = Process.Start(start) ?? throw new CommandException($"--alert {command}: it could not be started", ExitCodes.Unreadable);
                await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { simulation = breach.Simulation, what = breach.What, text = breach.Text }));
                process.StandardInput.Close();
                await process.WaitForExitAsync(cancellationToken);
                if (process.ExitCode != 0)
                {
                    context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--alert {command}: exit status {process.ExitCode}; \"{breach.Text}\" will be told again"));
                    continue;
                }

                told.Add(key);
            }
        }

        using var file = new WholeFile(path);
        file.Write(output => output.Write(JsonSerializer.Serialize(told)));
        file.Keep();
    }
}
