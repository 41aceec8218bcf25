using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Usage;

/// <summary>Where reports get from what is known in advance: what the service holds, and campaigns that might be submitted.</summary>
internal static class DemandSource
{
    /// <summary>What runs, waits or is still to start; whoever counts with what is to come tells its notes (<see cref="Told"/>).</summary>
    public static async Task<ImmutableArray<PlannedDemand>> OfServiceAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        return [.. await client.ListPlannedAsync(cancellationToken: cancellationToken).ToListAsync(cancellationToken)];
    }

    /// <summary>What a campaign would use and when, as the planner of the service finds it among all that waits and runs.</summary>
    /// <exception cref="CommandException">It cannot be read, or has mistakes.</exception>
    public static async Task<ImmutableArray<PlannedDemand>> AskAsync(CommandContext context, FileInfo file, CancellationToken cancellationToken)
    {
        var text = await SubmitCommand.ReadAsync(file, cancellationToken);
        Compile(file, text);
        using var client = context.Connect();
        var answer = await client.PlanAsync(new PlanRequest { Campaign = text }, cancellationToken);
        return answer.AddedOutcome is { NeverStart: > 0 } outcome && !answer.IsCutShort
            ? throw new CommandException(FormattableString.Invariant($"--with {file}: {outcome.NeverStart} of its stages get no nodes within a year as things are; `orchestrator plan --with {file}` says more"), ExitCodes.Invalid)
            : Told(context, answer.Added);
    }

    /// <summary>What is not known of it is told beside the report, which does without.</summary>
    public static ImmutableArray<PlannedDemand> Told(CommandContext context, ImmutableArray<PlannedDemand> demand)
    {
        foreach (var note in demand.GroupBy(static each => each.Note).Where(static group => group.Key is not null))
        {
            context.Error.WriteLine(FormattableString.Invariant($"of {note.Count()} of the planned stages: {note.Key}"));
        }

        return demand;
    }

    /// <summary>Without a service there is no queue: its simulations run beside each other on the whole machine from the end of what was measured on.</summary>
    /// <param name="file">The campaign.</param>
    /// <param name="from">When it would start.</param>
    /// <param name="cores">Of the machine; null: as many as it wants.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="CommandException">It cannot be read, or has mistakes.</exception>
    public static async Task<ImmutableArray<PlannedDemand>> EstimateAsync(FileInfo file, DateTimeOffset from, double? cores, CancellationToken cancellationToken)
    {
        var campaign = Compile(file, await SubmitCommand.ReadAsync(file, cancellationToken));
        var each = campaign.Simulations.Select(static simulation => (Simulation: simulation, Estimate: WorkflowEstimate.Of(simulation.Stages))).ToArray();
        var whole = each.Sum(static one => one.Estimate.CoreTime.TotalHours);
        var longest = Math.Max(1.0 / 60, each.Max(static one => one.Estimate.CriticalPathDuration.TotalHours));
        var until = from.AddHours(cores is { } many ? Math.Max(longest, whole / many) : longest);
        return
        [
            .. each.Select(one => new PlannedDemand
            {
                Campaign = campaign.Name,
                Simulation = one.Simulation.Id.Value,
                Project = $"{one.Simulation.Owner.Institution}/{one.Simulation.Owner.Project}",
                From = from,
                Until = until,
                CoreHours = one.Estimate.CoreTime.TotalHours,
                GpuHours = one.Simulation.Stages.Sum(static stage => stage.EstimatedDuration.TotalHours * stage.Resources.Nodes * stage.Resources.GpusPerNode * stage.Resources.GpuThousandths / 1000),
            }),
        ];
    }

    private static Campaign Compile(FileInfo file, string text)
    {
        var reading = CampaignFile.Read(text);
        return reading.Campaign ?? throw new CommandException(string.Join(Environment.NewLine, reading.Problems.Select(problem => $"{file}:{problem}")), ExitCodes.Unreadable);
    }
}
