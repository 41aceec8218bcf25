using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Tests;

public sealed class TerminalTests
{
    [Fact]
    public void A_table_aligns_its_columns_and_has_no_colours_in_a_file()
    {
        var table = new TextTable("NAME", "STATUS", "NOTE");
        table.Add("a", "completed", "");
        table.Add("longer-name", "failed", "why");
        using var output = new StringWriter { NewLine = "\n" };

        table.Write(output, Style.For(output), statusColumn: 1);

        output.ToString().ShouldBe("NAME         STATUS     NOTE\na            completed\nlonger-name  failed     why\n");
    }

    [Theory]
    [InlineData("", "a\nb\n", "a\nb\n")]
    [InlineData("a\nb\n", "a\nb\n", "")]
    [InlineData("a\nb\n", "a\nb\nc\n", "c\n")]
    [InlineData("a\nb\n", "b\nc\n", "b\nc\n")]
    public void A_log_that_is_followed_is_printed_once(string shown, string text, string expected) => LogsCommand.New(shown, text).ShouldBe(expected);

    [Theory]
    [InlineData(0, "0 B"), InlineData(1536, "1.5 KiB"), InlineData(1L << 40, "1 TiB")]
    public void Sizes_have_units(long bytes, string expected) => Words.Bytes(bytes).ShouldBe(expected);

    [Theory]
    [InlineData("node-3", "n-node-3"), InlineData("n-node-3", "n-node-3")]
    public void A_node_may_be_named_without_its_prefix(string name, string expected) => NodeCommand.Parse(name).Value.ShouldBe(expected);

    [Fact]
    public void An_order_to_a_campaign_tells_of_how_many_it_changed_and_why_others_refused()
    {
        var campaign = new CampaignSummary
        {
            Name = "co2",
            Simulations = [.. Enumerable.Range(1, 8).Select(static number => new SimulationId(FormattableString.Invariant($"s-co2-{number}")))],
            Statuses = ImmutableSortedDictionary<string, long>.Empty.Add("paused", 4).Add("running", 1).Add("completed", 3),
        };

        ControlCommand.Sentence("pause", campaign with { Outcome = new() { Changed = 3, Unchanged = 1, Refused = 1, Ended = 3, Refusals = ["pause is not possible: the simulation is cancelling."] } })
            .ShouldBe("co2: pause: 3 of 8 simulations, 1 as before, 1 refused (pause is not possible: the simulation is cancelling), 3 had ended; now 3 completed, 4 paused, 1 running");
        ControlCommand.Sentence("pause", campaign with { Outcome = new() { Changed = 8 } }).ShouldStartWith("co2: pause: 8 of 8 simulations; now ");
        ControlCommand.Sentence("pause", campaign).ShouldStartWith("co2: pause asked of 8 simulations (");
    }

    [Fact]
    public void Counts_of_an_order_add_up_and_it_is_refused_when_nobody_took_it()
    {
        static ControlReply Reply(ControlOutcome outcome, string? reason = null) => new() { Outcome = outcome, Reason = reason, Status = SimulationStatus.Cancelling };

        var some = CampaignOutcome.Of([Reply(ControlOutcome.Accepted), Reply(ControlOutcome.Unchanged), Reply(ControlOutcome.Refused, "no"), Reply(ControlOutcome.Refused, "no"), Reply(ControlOutcome.NotFound)], ended: 2);

        (some.Changed, some.Unchanged, some.Refused, some.Ended, some.IsRefused()).ShouldBe((1, 1, 3, 2, false));
        some.Refusals.ShouldBe(["no", "it is cancelling"]);
        CampaignOutcome.Of([Reply(ControlOutcome.Refused)], ended: 0).IsRefused().ShouldBeTrue();
        CampaignOutcome.Of([], ended: 2).IsRefused().ShouldBeFalse("all had ended: it is as it was to be");
    }
}
