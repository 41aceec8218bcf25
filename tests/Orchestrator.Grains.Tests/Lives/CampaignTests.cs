using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Grains.Tests.Lives;

/// <summary>
/// The replay of months (examples/replay/six-months.yaml), shortened and through the grains: protected simulations, users who want three times the machine, nodes that fail as those of Los
/// Alamos do but sixty times as often, and a window. What the pure replay shows of the scheduler, this shows of simulations, cluster, nodes, accounts and agents together.
/// </summary>
public sealed class CampaignTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nearly_two_days_of_failures_a_window_and_three_times_the_work_that_fits_leave_protected_work_alone_and_the_machine_full()
    {
        await using var story = await CampaignStory.BeginAsync(seed: 3);
        var begin = story.Now;
        await story.AddWindowAsync(new() { Id = "firmware", Severity = WindowSeverity.Major, Start = begin.AddHours(12), End = begin.AddHours(15), Nodes = [.. story.Lab.Nodes.Take(2).Select(static node => node.Id)] });

        while (story.Now < begin.AddHours(40))
        {
            await story.StepAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(story.Summary());
        story.NodeFailures.ShouldBeGreaterThanOrEqualTo(4);
        story.Losses.Count.ShouldBeGreaterThanOrEqualTo(3);
        story.Losses.Max().ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(1));
        story.Utilization.ShouldBeGreaterThanOrEqualTo(0.95);
        story.NeverStarted(before: begin.AddHours(20)).ShouldBeEmpty("nobody starved");
        story.LongestWait.ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(24));
        var window = await story.WindowAsync("firmware");
        (window.StartedAt.ShouldNotBeNull() - window.Start).ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(24) + CampaignStory.Coarse, "protected work delays a window by a bounded time, which is seen at the next step of the clock");
        story.Lab.Disk.Violations.ShouldBeEmpty();

        var facts = await FactsAsync(story);
        facts.OfType<ClusterFact.Preempted>().Where(fact => story.IsProtected(fact.Preemption.Victim.Simulation)).ShouldBeEmpty("no protected work is preempted");
        facts.OfType<ClusterFact.Preempted>().ShouldNotBeEmpty();
        facts.OfType<ClusterFact.Lost>().ShouldNotBeEmpty();

        var (done, left) = await story.EndAsync();
        (done + left).ShouldBe(story.Submitted);
        done.ShouldBeGreaterThan(story.Submitted / 3);
        foreach (var (account, used) in await story.CoreTimeByAccountAsync())
        {
            used.ShouldBeGreaterThan(TimeSpan.Zero);
            var grain = story.Lab.World.Grains.GetGrain<IAccountGrain>(account);
            await story.Lab.UntilAsync(async () => (await grain.GetAsync(Token))!.Total.CoreTime == used, $"{account} is charged {used}, what its attempts used", turns: 20);
        }
    }

    private static async Task<IReadOnlyList<ClusterFact>> FactsAsync(CampaignStory story)
    {
        var tail = await story.Lab.World.Ledger.LoadAsync(story.Lab.Cluster.Value, Token);
        tail.Snapshot.ShouldBeNull("all of the ledger is read");
        return [.. tail.Entries.Select(static entry => JsonSerializer.Deserialize<ClusterFact>(Typed(entry), GrainStateSerializer.JsonOptions)!)];
    }

    /// <summary>Entries carry their kind beside what they hold.</summary>
    private static string Typed(LedgerEntry entry)
    {
        var text = Encoding.UTF8.GetString(entry.Payload.Span).TrimStart();
        return text.Contains("\"$type\"", StringComparison.Ordinal) && text.IndexOf("\"$type\"", StringComparison.Ordinal) < 3
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{{\"$type\":\"{entry.Kind}\"{(text.Length > 2 ? "," : "")}{text[1..]}");
    }
}
