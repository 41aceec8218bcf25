using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Tests;

public sealed class CommandWordsTests
{
    private readonly CommandWords words = new("/usr/bin:/bin");

    [Theory]
    [InlineData("true", "true")]
    [InlineData(" sleep  0.5 ", "sleep|0.5")]
    [InlineData("./run --case=17 a/b.nc", "./run|--case=17|a/b.nc")]
    [InlineData("env A=b true", "env|A=b|true")]
    public void A_line_without_anything_of_the_shell_is_split(string line, string expected) => string.Join('|', words.Split(line)!.Value.Words).ShouldBe(expected);

    [Theory]
    [InlineData("echo hi"), InlineData("exit 3"), InlineData("A=b true"), InlineData("true; false"), InlineData("ls *"), InlineData("echo $HOME"), InlineData("a 'b c'"), InlineData("sleep 1 &")]
    [InlineData("cd /tmp"), InlineData("nonexistent-program x"), InlineData("ls ~"), InlineData("true\nfalse"), InlineData("test -e x"), InlineData("sh -c \"x\""), InlineData("%1")]
    public void Everything_else_is_for_the_shell(string line) => words.Split(line).ShouldBeNull();

    [Fact]
    public void A_relative_search_path_is_for_the_shell() => new CommandWords("bin:/usr/bin").Split("true").ShouldBeNull();
}
