using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Cli.Terminal;

/// <summary>A campaign while it runs: a table that stays in place on a terminal, a line for each event elsewhere.</summary>
internal sealed class CampaignView(OrchestratorClient client, string campaign, TextWriter output, Style style, TimeProvider clock)
{
    private const int RowsMax = 24;
    private const int NewsMax = 6;

    private readonly Queue<OrchestratorEvent> news = [];
    private List<SimulationSummary> rows = [];

    /// <summary>As last looked up; null before.</summary>
    public CampaignSummary? Summary { get; private set; }

    /// <summary>Returns when all simulations of the campaign have ended.</summary>
    /// <param name="after">Events behind this position are shown.</param>
    /// <param name="everything">A line for each event, progress included; never a table.</param>
    /// <param name="cancellationToken">Leaves.</param>
    public async Task FollowAsync(long after, bool everything, CancellationToken cancellationToken)
    {
        if (!style.HasColor || everything)
        {
            await new Follower(client, clock).FollowAsync(new() { Campaign = campaign }, after, (_, happened) => WriteLine(happened, everything), LookAsync, cancellationToken);
            return;
        }

        await LookAsync(cancellationToken);
        await AnsiConsole.Live(Render()).AutoClear(true).StartAsync(async live =>
        {
            await new Follower(client, clock).FollowAsync(
                new() { Campaign = campaign },
                after,
                (_, happened) =>
                {
                    Note(happened);
                    live.UpdateTarget(Render());
                },
                async token =>
                {
                    var over = await LookAsync(token);
                    live.UpdateTarget(Render());
                    return over;
                },
                cancellationToken);
        });
    }

    private void WriteLine(OrchestratorEvent happened, bool everything)
    {
        if (everything || EventText.IsNews(happened))
        {
            output.WriteLine(EventText.Line(happened, clock.GetUtcNow()));
            output.Flush();
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        Summary = await client.GetCampaignAsync(campaign, cancellationToken);
        if (style.HasColor)
        {
            rows = await client.ListSimulationsAsync(campaign, cancellationToken: cancellationToken).ToListAsync(cancellationToken);
        }

        return !Summary.IsLive;
    }

    private void Note(OrchestratorEvent happened)
    {
        var row = rows.FindIndex(row => row.Id == happened.Simulation);
        if (row >= 0 && happened.SimulationProgress is { } progress)
        {
            rows[row] = rows[row] with { Progress = progress };
        }

        if (EventText.IsNews(happened))
        {
            news.Enqueue(happened);
            while (news.Count > NewsMax)
            {
                news.Dequeue();
            }
        }
    }

    private Rows Render()
    {
        var now = clock.GetUtcNow();
        var table = new Table().Border(TableBorder.None).AddColumns("SIMULATION", "STATUS", "", "DONE", "NOW", "CHECKPOINTS");

        // What runs first, then what waits, then what ended: with many simulations the rest is a number.
        var shown = rows.OrderBy(static row => row.Status >= SimulationStatus.Completed ? 2 : row.Status == SimulationStatus.Pending ? 1 : 0).Take(RowsMax).OrderBy(static row => row.Id).ToList();
        foreach (var row in shown)
        {
            var filled = (int)(row.Progress * 20);
            table.AddRow(
                Markup.Escape(row.Id.Value), Colored(row.Status), $"[teal]{new string('━', filled)}[/][grey]{new string('━', 20 - filled)}[/]", Words.Percent(row.Progress), Markup.Escape(row.Activity), $"{row.Checkpoints}");
        }

        List<IRenderable> parts = [new Markup($"[bold]{Markup.Escape(campaign)}[/]: {(Summary is { } summary ? Words.Counts(summary.Statuses) : "")}, {Words.Percent(rows.Count > 0 ? rows.Average(static row => row.Progress) : 0)}"), table];
        if (rows.Count > shown.Count)
        {
            parts.Add(new Text($"and {ReportText.Of(rows.Count - shown.Count, "more simulation")}"));
        }

        parts.AddRange(news.Select(happened => new Text(EventText.Line(happened, now))));
        return new(parts);
    }

    private static string Colored(SimulationStatus status)
    {
        var word = Words.Status(status);
        return status switch
        {
            SimulationStatus.Completed => $"[green]{word}[/]",
            SimulationStatus.Failed => $"[red]{word}[/]",
            SimulationStatus.Running => $"[teal]{word}[/]",
            SimulationStatus.Pending => word,
            _ => $"[yellow]{word}[/]",
        };
    }
}
