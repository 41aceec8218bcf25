using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Cli.Tests;

public sealed class AccountTextTests
{
    private static readonly ShareStanding Premium = new()
    {
        Account = "p-lab.premium",
        Total = 100,
        Guaranteed = 50,
        Maximum = 80,
        Held = 62,
        Waiting = 38,
        Allotted = 62,
        Borrowed = 2,
        Loans = [new() { Lender = "p-lab.basic", Borrower = "p-lab.premium", Amount = 1 }, new() { Lender = "", Borrower = "p-lab.premium", Amount = 1 }],
        GpusHeld = 1.5,
    };

    [Fact]
    public void What_an_account_has_is_told_with_from_whom_it_borrows()
    {
        var lines = AccountCommand.Lines(Premium).ToList();

        lines.ShouldBe(
        [
            "now it holds 62 cores of 100 and 1.5 GPUs and waits for 38 more; 50 are guaranteed, 80 the most; as things are asked for, 62 are its own",
            "it borrows 2 cores: 1 from p-lab.basic, 1 from others",
        ]);
    }

    [Fact]
    public void An_account_is_a_line_and_one_that_the_cluster_has_nothing_of_has_no_cores()
    {
        var output = new StringWriter();

        AccountCommand.Table(
        [
            new() { Id = new AccountId("p-lab.premium"), Institution = "lab", Project = "premium", Simulations = 4, Live = 4, Standing = Premium },
            new() { Id = new AccountId("p-lab.new"), Institution = "lab", Project = "new", Simulations = 1 },
        ]).Write(output, Style.For(output));

        var lines = output.ToString().Trim().Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        lines[0].ShouldBe(["ACCOUNT", "PROJECT", "SIMULATIONS", "LIVE", "GUARANTEED", "HELD", "WAITING", "BORROWED", "LENT", "MAXIMUM"]);
        lines[1].ShouldBe(["p-lab.premium", "lab/premium", "4", "4", "50", "62", "38", "2", "0", "80"]);
        lines[2].ShouldBe(["p-lab.new", "lab/new", "1", "0", "-", "-", "-", "-", "-", "-"]);
    }
}
