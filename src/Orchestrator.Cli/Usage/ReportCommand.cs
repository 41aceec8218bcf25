using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Alerts;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Usage;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Usage;

/// <summary><c>orchestrator report KIND [FILE...]</c>.</summary>
internal static class ReportCommand
{
    private static readonly string[] Kinds = ["utilization", "forecast", "efficiency", "comparison", "grant", "capacity", "recommendation", "health", "stored", "implemented"];
    private static readonly string[] Formats = ["text", "json", "csv", "markdown", "html", "svg"];

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = string.Join(", ", Kinds) + "." };
        var files = new Argument<string[]>("FILE") { Description = "Logs of a batch system: .swf or the output of sacct -P, each also .gz. Default: the service. With stored: the ids of reports that were made; default: a list of them. With implemented: the id of a report of recommendations, the simulation and the resource.", Arity = ArgumentArity.ZeroOrMore };
        var format = new Option<string>("--format") { Description = "How it is written; html is one page with its plots inside, svg the first plot alone.", HelpName = string.Join('|', Formats), DefaultValueFactory = static _ => "text" };
        var output = new Option<string?>("--out") { Description = "Write it here; the ending .json, .csv, .md, .html, .svg or .txt chooses the format.", HelpName = "FILE" };
        var by = new Option<string>("--by") { Description = "What is told apart.", HelpName = "user|project|simulation|stage|node|institution", DefaultValueFactory = static _ => "user" };
        var cores = new Option<double?>("--cores") { Description = "Cores of the machine: for utilization and capacity.", HelpName = "N" };
        var gpus = new Option<double?>("--gpus") { Description = "GPUs of the machine: for utilization and capacity.", HelpName = "N" };
        var memory = new Option<string?>("--memory") { Description = "Memory of the machine, all nodes together (4T): for utilization and capacity.", HelpName = "SIZE" };
        var horizon = new Option<int>("--horizon") { Description = "Days ahead, for forecast and capacity.", HelpName = "DAYS", DefaultValueFactory = static _ => 180 };
        var grants = new Option<string?>("--grants") { Description = "A table with grant, allocation, from, until and for each pull-back a line with pull_back, used_at_least[, takes]; project, simulation: what counts against it; cost_per_hour.", HelpName = "FILE.csv" };
        var with = new Option<FileInfo?>("--with") { Description = "With forecast, capacity and grant: what if this campaign were submitted now; it is not.", HelpName = "FILE.yaml" };
        var withoutPlanned = new Option<bool>("--without-planned") { Description = "Of the service: leave out of forecasts what runs, waits or is still to start." };
        var accuracy = new Option<bool>("--accuracy") { Description = "With forecast: how the forecasts that were made of the service came true." };
        var scenario = new Option<string?>("--scenario") { Description = "Of the service, only the simulations of this scenario set (o-…), or campaign with scenarios.", HelpName = "NAME" };
        var project = new Option<string?>("--project") { Description = "Only what this project used: PROJECT, or INSTITUTION/PROJECT.", HelpName = "NAME" };
        var expires = new Option<string?>("--expires") { Description = "With health: by this date all has to be over (2027-01-31).", HelpName = "DATE" };
        var provenAge = new Option<string>("--proven-age") { Description = "With health: the newest proven checkpoint may be so old.", HelpName = "TIME", DefaultValueFactory = static _ => "1d" };
        var loss = new Option<string>("--loss") { Description = "With health: so much may be lost if it died now.", HelpName = "TIME", DefaultValueFactory = static _ => "1h" };
        var alert = new Option<string?>("--alert") { Description = "With health: a command that gets each new breach as JSON on its input, once as long as the breach lasts.", HelpName = "COMMAND" };
        var webhook = new Option<string?>("--webhook") { Description = "With health: a service to which each new breach is posted as JSON, once as long as the breach lasts.", HelpName = "URL" };
        var webhookLimit = new Option<string>("--webhook-limit") { Description = "How long the service may take for an answer.", HelpName = "TIME", DefaultValueFactory = static _ => "10s" };
        var webhookTries = new Option<int>("--webhook-tries") { Description = "How often it is tried, with pauses of 1 s, 2 s, 4 s, ... between.", HelpName = "N", DefaultValueFactory = static _ => 4 };
        var core = new Option<double>("--core-hour") { Description = "What an hour of a core costs.", HelpName = "COST", DefaultValueFactory = static _ => new UsageRates().CoreHour };
        var gpu = new Option<double>("--gpu-hour") { Description = "What an hour of a GPU costs.", HelpName = "COST", DefaultValueFactory = static _ => new UsageRates().GpuHour };
        var goal = new Option<string>("--goal") { Description = "With recommendation: balance, minimize_cost, maximize_throughput, minimize_waste or meet_deadline.", HelpName = "GOAL", DefaultValueFactory = static _ => "balance" };
        var timeframe = new Option<string>("--timeframe") { Description = "With recommendation: immediate, short_term, medium_term or long_term.", HelpName = "TIMEFRAME", DefaultValueFactory = static _ => "medium_term" };
        var impact = new Option<double?>("--impact") { Description = "With implemented: what came of it, in the unit of the recommendation.", HelpName = "N" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        kind.AcceptOnlyFromAmong(Kinds);
        format.AcceptOnlyFromAmong(Formats);
        by.AcceptOnlyFromAmong("user", "project", "simulation", "stage", "node", "institution", "task");
        goal.AcceptOnlyFromAmong("balance", "minimize_cost", "maximize_throughput", "minimize_waste", "meet_deadline");
        timeframe.AcceptOnlyFromAmong("immediate", "short_term", "medium_term", "long_term");
        var command = new DocumentedCommand(
            "report", "Report what was used, what will be, what it costs, and how healthy simulations are.",
            ["orchestrator report utilization sacct.txt --cores 1280 --out june.html", "orchestrator report grant sacct.txt --grants grants.csv --format markdown", "orchestrator report grant --grants grants.csv --with next-campaign.yaml", "orchestrator report forecast --accuracy", "orchestrator report health --expires 2027-01-31 --alert ./tell-operators"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "health: something is beyond its limits"), DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            kind, files, format, output, by, cores, gpus, memory, horizon, grants, with, withoutPlanned, accuracy, scenario, project, expires, provenAge, loss, alert, webhook, webhookLimit, webhookTries, core, gpu, goal, timeframe, impact, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var chosen = context.Json ? ReportFormat.Json : ReportFiles.FormatOf(parsed.GetRequiredValue(format), parsed.GetResult(format) is { Implicit: false }, parsed.GetValue(output));
            try
            {
                if (parsed.GetRequiredValue(kind) == "health")
                {
                    using var hook = WebhookOf(parsed.GetValue(webhook), parsed.GetRequiredValue(webhookLimit), parsed.GetValue(webhookTries), context.Clock);
                    var limits = Limits(parsed.GetValue(expires), parsed.GetRequiredValue(provenAge), parsed.GetRequiredValue(loss));
                    var (report, breaches) = await HealthSource.MakeAsync(context, limits, cancellationToken);
                    ReportFiles.Write(context, report, chosen, parsed.GetValue(output));
                    if (parsed.GetValue(alert) is not null || hook is not null)
                    {
                        await new BreachAlerts(context.Data, limits, context.Error, context.Clock).TellAsync(breaches, parsed.GetValue(alert), hook, cancellationToken);
                    }

                    return breaches.IsEmpty ? ExitCodes.Success : ExitCodes.Invalid;
                }

                var paths = parsed.GetValue(files) ?? [];
                if (parsed.GetRequiredValue(kind) == "stored")
                {
                    Stored(context, paths, chosen, parsed.GetValue(output));
                    return ExitCodes.Success;
                }

                if (parsed.GetRequiredValue(kind) == "implemented")
                {
                    var marked = paths is [var id, var subject, var resource]
                        ? ReportMarks.Implemented(ReportStore.Find(context, id), subject, resource, context.Clock.GetUtcNow(), parsed.GetValue(impact))
                        : throw new CommandException("implemented: say what was; allowed: orchestrator report implemented REPORT SIMULATION RESOURCE [--impact N]", ExitCodes.Unreadable);
                    ReportFiles.Write(context, marked, chosen, parsed.GetValue(output));
                    return ExitCodes.Success;
                }

                var about = new ReportSource(parsed.GetRequiredValue(kind), paths, parsed.GetValue(with), !parsed.GetValue(withoutPlanned), parsed.GetValue(accuracy), parsed.GetValue(scenario), parsed.GetValue(project));
                about.Check();
                var planned = paths.Length > 0 ? [] : await DemandSource.OfServiceAsync(context, cancellationToken);
                var import = paths.Length > 0 ? UsageFiles.Read(paths) : await UsageFiles.OfServiceAsync(context, planned, cancellationToken);
                var request = new ReportRequest
                {
                    Kind = Enum.Parse<ReportKind>(parsed.GetRequiredValue(kind), ignoreCase: true),
                    Records = import.Records,
                    Until = import.Until,
                    Planned = planned,
                    Notes = import.Notes,
                    By = Enum.Parse<UsageDimension>(parsed.GetRequiredValue(by), ignoreCase: true),
                    Cores = parsed.GetValue(cores),
                    Gpus = parsed.GetValue(gpus),
                    Memory = parsed.GetValue(memory) is { } size ? Bytes(size) : null,
                    Horizon = parsed.GetValue(horizon),
                    Grants = parsed.GetValue(grants) is { } path ? Grants(path) : [],
                    Rates = new UsageRates { CoreHour = parsed.GetValue(core), GpuHour = parsed.GetValue(gpu) },
                    Goal = Enum.Parse<PlanGoal>(parsed.GetRequiredValue(goal).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                    Timeframe = Enum.Parse<PlanTimeframe>(parsed.GetRequiredValue(timeframe).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
                };
                ReportFiles.Write(context, await about.MakeAsync(context, request, cancellationToken), chosen, parsed.GetValue(output));
                return ExitCodes.Success;
            }
            catch (ForecastException fault)
            {
                throw new CommandException(fault.Message, ExitCodes.Unreadable);
            }
        }));
        return command;
    }

    /// <summary>What was told before.</summary>
    private static void Stored(CommandContext context, string[] ids, ReportFormat format, string? path)
    {
        if (ids.Length > 0)
        {
            foreach (var report in ids.Select(id => ReportStore.Find(context, id)).ToArray())
            {
                ReportFiles.Write(context, report, format, path, isKept: true);
            }

            return;
        }

        var table = new TextTable("ID", "UP TO", "TITLE");
        foreach (var report in ReportStore.All(context))
        {
            table.Add(report.Id, report.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), report.Title);
        }

        table.Write(context.Output, context.Style);
    }

    private static ImmutableArray<Grant> Grants(string path)
    {
        using var text = File.OpenText(path);
        return GrantTable.Read(text, Path.GetFileName(path));
    }

    private static double Bytes(string text) => SizeText.TryParse(text, out var bytes, out var problem) ? bytes : throw new CommandException($"--memory {problem}; allowed: {SizeText.Allowed}", ExitCodes.Unreadable);

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

    /// <exception cref="CommandException">It is no such address, or a number is out of its range.</exception>
    private static Webhook? WebhookOf(string? address, string limit, int tries, TimeProvider clock)
    {
        if (address is null)
        {
            return null;
        }

        var mistakes = new List<string>();
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            // What was meant as an address may hold a secret: it is not repeated.
            mistakes.Add("--webhook: it is no address of a service; allowed: https://HOST/PATH or http://HOST/PATH");
        }

        if (!DurationText.TryParse(limit, out var time, out var problem) || time <= TimeSpan.Zero || time > TimeSpan.FromMinutes(10))
        {
            mistakes.Add($"--webhook-limit {limit}: {(problem is { Length: > 0 } why ? why : "it is out of its range")}; allowed: above 0, at most 10m");
        }

        if (tries is < 1 or > 20)
        {
            mistakes.Add(FormattableString.Invariant($"--webhook-tries {tries}: it is out of its range; allowed: 1 to 20"));
        }

        return mistakes.Count > 0 ? throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable) : new Webhook(uri!, time, tries, clock);
    }
}
