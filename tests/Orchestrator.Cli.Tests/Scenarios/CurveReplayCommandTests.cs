using System.Text.Json;

namespace Orchestrator.Cli.Tests.Scenarios;

public sealed class CurveReplayCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_result_is_written_as_scripts_expect_it()
    {
        var (status, output, error) = await CommandLine.RunAsync("scenarios", "replay", File("config,lr,v0,v1,v2\na,1,9,5,4\n"), "--policy", "fifo", "--seed", "3", "--budget", "9", "--json");

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        using var result = JsonDocument.Parse(output);
        result.RootElement.GetProperty("policy").GetString().ShouldBe("fifo");
        (result.RootElement.GetProperty("seed").GetInt32(), result.RootElement.GetProperty("budget").GetInt64()).ShouldBe((3, 9));
        (result.RootElement.GetProperty("best").GetDouble(), result.RootElement.GetProperty("reachedAt").GetInt64()).ShouldBe((4, 2));
        result.RootElement.GetProperty("improvements").EnumerateArray().Select(static one => (one[0].GetInt64(), one[1].GetDouble())).ShouldBe([(1, 5), (2, 4)]);
        result.RootElement.GetProperty("endedEarly").GetString()!.ShouldContain("the budget was 9");
    }

    [Fact]
    public async Task A_target_that_is_not_reached_has_no_moment()
    {
        var (status, output, _) = await CommandLine.RunAsync("scenarios", "replay", File("config,v0,v1\na,9,5\n"), "--target", "1", "--json");

        status.ShouldBe(0);
        using var result = JsonDocument.Parse(output);
        result.RootElement.GetProperty("reachedAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Many_shuffles_are_compared_with_equal_shares()
    {
        var (status, output, _) = await CommandLine.RunAsync("scenarios", "replay", File("config,v0,v1,v2\na,9,5,4\nb,9,6,1\nc,9,7,3\n"), "--budget", "4", "--shuffles", "5", "--json");

        status.ShouldBe(0);
        using var result = JsonDocument.Parse(output);
        result.RootElement.GetProperty("ratios").GetArrayLength().ShouldBe(5);
        result.RootElement.GetProperty("medianBound").GetDouble().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("nothing.csv", "nothing.csv")]
    [InlineData("--budget 0", "--budget")]
    [InlineData("--policy best", "fifo")]
    [InlineData("--target NaN", "--target")]
    [InlineData("--shuffles 3 --seed 1", "--shuffles")]
    public async Task A_mistake_is_told_in_a_line_and_exits_2(string arguments, string word)
    {
        var curves = File("config,v0,v1\na,9,5\n");
        var (status, _, error) = await CommandLine.RunAsync(["scenarios", "replay", .. arguments.StartsWith('-') ? [curves, .. arguments.Split(' ')] : arguments.Split(' ')]);

        status.ShouldBe(2);
        error.ShouldContain(word);
    }

    private string File(string text)
    {
        var path = Path.Combine(folder.FullName, "curves.csv");
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
