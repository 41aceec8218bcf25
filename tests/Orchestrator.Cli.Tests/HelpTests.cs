using System.CommandLine;

namespace Orchestrator.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands() => [.. Leaves(CommandTree.Create(), "")];

    [Theory, MemberData(nameof(Commands))]
    public void Every_command_documents_its_exit_statuses(string command)
    {
        var help = HelpOf(command);

        help.ShouldContain("Exit status:");
        help.ShouldContain("0 ");
    }

    [Theory]
    [InlineData("run"), InlineData("up"), InlineData("submit"), InlineData("status"), InlineData("watch"), InlineData("why"), InlineData("logs"), InlineData("results"), InlineData("cancel"), InlineData("pause")]
    [InlineData("resume"), InlineData("checkpoint"), InlineData("node list"), InlineData("node drain"), InlineData("node resume"), InlineData("token create"), InlineData("token list")]
    [InlineData("token revoke"), InlineData("backup"), InlineData("doctor"), InlineData("down"), InlineData("window add"), InlineData("window list"), InlineData("window cancel"), InlineData("window complete")]
    [InlineData("reservation add"), InlineData("reservation list"), InlineData("reservation cancel"), InlineData("account show"), InlineData("account set"), InlineData("priority"), InlineData("plan"), InlineData("failures list"), InlineData("failures show"), InlineData("failures report"), InlineData("failures complete"), InlineData("failures cancel"), InlineData("checkpoint store"), InlineData("audit"), InlineData("preview"), InlineData("migrate"), InlineData("clean"), InlineData("stage rerun")]
    [InlineData("account list"), InlineData("reservation complete"), InlineData("reservation conflicts"), InlineData("reservation decide"), InlineData("policy show"), InlineData("policy set"), InlineData("licence list"), InlineData("licence set"), InlineData("energy show"), InlineData("energy set")]
    public void Help_has_an_example_that_is_a_usage_of_the_command(string command)
    {
        var help = HelpOf(command);

        var examples = help[help.IndexOf("Example", StringComparison.Ordinal)..help.IndexOf("Exit status:", StringComparison.Ordinal)].Split('\n').Skip(1).Select(static line => line.Trim()).Where(static line => line.Length > 0).ToList();
        examples.ShouldNotBeEmpty();
        foreach (var example in examples)
        {
            example.ShouldStartWith($"orchestrator {command}");
            var words = example.Split(" | ")[0].Split(" > ")[0].Replace("'wrong forcing'", "wrong", StringComparison.Ordinal).Replace("'new disk'", "disk", StringComparison.Ordinal);
            CommandTree.Create().Parse(words["orchestrator ".Length..].Split(' ')).Errors.ShouldBeEmpty(example);
        }

        help.ShouldContain("--data");
        help.ShouldContain("--json");
    }

    [Fact]
    public async Task Without_arguments_the_help_is_printed()
    {
        var (status, output, error) = await CommandLine.RunAsync();

        output.ShouldContain("Usage:");
        output.ShouldContain("submit");
        error.ShouldBeEmpty();
        status.ShouldBe(0);
    }

    [Theory]
    [InlineData("submit", "See `orchestrator submit --help`.")]
    [InlineData("status --nonsense x", "See `orchestrator status --help`.")]
    [InlineData("node drain", "See `orchestrator node drain --help`.")]
    [InlineData("nonsense", "See `orchestrator --help`.")]
    public async Task Wrong_usage_is_told_in_lines_and_exits_2(string arguments, string expected)
    {
        var (status, output, error) = await CommandLine.RunAsync(arguments.Split(' '));

        output.ShouldBeEmpty();
        error.TrimEnd().ShouldEndWith(expected);
        error.ShouldNotContain("   at ");
        status.ShouldBe(2);
    }

    private static string HelpOf(string command)
    {
        using var output = new StringWriter();
        CommandTree.Create().Parse([.. command.Split(' '), "--help"]).Invoke(new InvocationConfiguration { Output = output }).ShouldBe(0);
        return output.ToString();
    }

    private static IEnumerable<string> Leaves(Command command, string path)
    {
        foreach (var child in command.Subcommands)
        {
            var name = path.Length == 0 ? child.Name : $"{path} {child.Name}";
            foreach (var leaf in child.Subcommands.Count == 0 ? [name] : Leaves(child, name))
            {
                yield return leaf;
            }
        }
    }
}
