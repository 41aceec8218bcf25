using System.Collections.Immutable;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Scenarios;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Usage;

/// <summary>What a report of use is made of beside the use: what is planned, what might be submitted, and forecasts that were made before.</summary>
/// <param name="Kind">By its name.</param>
/// <param name="Paths">Logs; none: the service.</param>
/// <param name="With">A campaign that might be submitted; null: none.</param>
/// <param name="WithPlanned">Of the service, what runs, waits or is still to start is part of forecasts.</param>
/// <param name="IsAccuracy">How forecasts came true is asked for, and no new one.</param>
/// <param name="Scenario">Only the simulations of this scenario set, or campaign with scenarios; null: all.</param>
/// <param name="Project">Only what this project used, or is to use: its name, or institution/project; null: all.</param>
internal sealed record ReportSource(string Kind, string[] Paths, FileInfo? With, bool WithPlanned, bool IsAccuracy, string? Scenario, string? Project)
{
    private bool LooksAhead => Kind is "forecast" or "capacity" or "grant";

    /// <exception cref="CommandException">The options do not go together: all that is wrong is told.</exception>
    public void Check()
    {
        var mistakes = new List<string>();
        if (With is not null && !LooksAhead)
        {
            mistakes.Add($"--with: a report of kind {Kind} looks at nothing to come; allowed: with forecast, capacity and grant");
        }

        if (IsAccuracy && (Kind != "forecast" || Paths.Length > 0))
        {
            mistakes.Add("--accuracy: only forecasts of the service are kept; allowed: orchestrator report forecast --accuracy");
        }

        if (IsAccuracy && With is not null)
        {
            mistakes.Add("--accuracy: it is about what was forecast, and --with about what might be; allowed: one of them");
        }

        if (Scenario is not null && (Paths.Length > 0 || IsAccuracy))
        {
            mistakes.Add("--scenario: logs know nothing of scenarios, and forecasts are kept of all together; allowed: with the service, without --accuracy");
        }

        if (Project is not null && IsAccuracy)
        {
            mistakes.Add("--project: forecasts are kept of all together; allowed: without --accuracy");
        }

        if (Project is { } named && new Grant { Name = "--project", Allocation = 1, From = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch.AddDays(1), Projects = [named] }.Problems() is [var problem, ..])
        {
            mistakes.Add(problem);
        }

        if (mistakes.Count > 0)
        {
            throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable);
        }
    }

    /// <param name="context">Where the service is.</param>
    /// <param name="request">With what was used, and of the service with what runs, waits or is still to start.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Report> MakeAsync(CommandContext context, ReportRequest request, CancellationToken cancellationToken)
    {
        var isService = Paths.Length == 0;
        if (IsAccuracy)
        {
            return AccuracyReporter.Make(ForecastFile.Read(context), ForecastFile.Service, request.Records, request.Until);
        }

        request = OfProject(request);
        if (Scenario is not null)
        {
            return await OfScenarioAsync(context, request, cancellationToken);
        }

        if (!LooksAhead || request.Records.IsEmpty)
        {
            return Reporter.Make(request with { Planned = [] });
        }

        request = request with
        {
            Planned = WithPlanned ? DemandSource.Told(context, [.. request.Planned.Where(IsOfProject)]) : [],
            More = With is { } file ? await MoreAsync(context, file, request, isService, cancellationToken) : [],
        };
        if (Kind != "forecast")
        {
            return Reporter.Make(request);
        }

        request = request with { Forecast = Reporter.ForecastOf(request) };
        if (isService && Project is null)
        {
            ForecastFile.Keep(context, request.Forecast, WithPlanned);
        }

        return Reporter.Make(request);
    }

    /// <summary>Of its simulations alone: what they used, and what of them is planned.</summary>
    private async Task<Report> OfScenarioAsync(CommandContext context, ReportRequest request, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        var set = await client.GetScenarioAsync(ScenarioName.Parse(Scenario!), cancellationToken);
        var members = set.Definition.Variants.Values.SelectMany(static variant => variant).Select(static simulation => simulation.Value).ToHashSet(StringComparer.Ordinal);
        var priorities = set.Definition.Variants.SelectMany(variant => variant.Value.Select(simulation => (simulation.Value, Priority: set.Priorities.Of(variant.Key)))).DistinctBy(static one => one.Value);
        var report = Reporter.Make(request with
        {
            Records = [.. request.Records.Where(record => members.Contains(record.Simulation))],
            Planned = LooksAhead && WithPlanned ? DemandSource.Told(context, [.. request.Planned.Where(each => members.Contains(each.Simulation) && IsOfProject(each))]) : [],
            Priorities = priorities.ToImmutableSortedDictionary(static one => one.Value, static one => one.Priority, StringComparer.Ordinal),
            More = LooksAhead && With is { } file ? await MoreAsync(context, file, request, isService: true, cancellationToken) : [],
        });
        return Reporter.Named(report with { Title = $"{report.Title} of {set.Definition.Id}", Notes = report.Notes.Add($"only the {members.Count} simulations of {set.Definition.Id}") });
    }

    /// <exception cref="CommandException">The project used nothing; those that did are named.</exception>
    private ReportRequest OfProject(ReportRequest request)
    {
        if (Project is not { } project || request.Records.IsEmpty)
        {
            return request;
        }

        var own = request.Records.Where(record => Grant.IsProject(project, record.Institution, record.Project)).ToImmutableArray();
        if (own.IsEmpty)
        {
            var others = request.Records.Select(static record => record.Institution.Length > 0 ? $"{record.Institution}/{record.Project}" : record.Project).Where(static name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).Take(20).ToArray();
            throw new CommandException($"--project {project}: it used nothing; {(others.Length > 0 ? $"these did: {string.Join(", ", others)}" : "nothing says of which project use was")}", ExitCodes.Unreadable);
        }

        return request with { Records = own, Notes = request.Notes.Add($"only project {project}") };
    }

    private bool IsOfProject(PlannedDemand demand)
    {
        var slash = demand.Project.IndexOf('/', StringComparison.Ordinal);
        return Project is not { } project || Grant.IsProject(project, slash < 0 ? "" : demand.Project[..slash], demand.Project[(slash + 1)..]);
    }

    private static Task<ImmutableArray<PlannedDemand>> MoreAsync(CommandContext context, FileInfo file, ReportRequest request, bool isService, CancellationToken cancellationToken) => isService
        ? DemandSource.AskAsync(context, file, cancellationToken)
        : DemandSource.EstimateAsync(file, request.Records.Max(static record => record.Until), request.Cores, cancellationToken);
}
