using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;

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
}
