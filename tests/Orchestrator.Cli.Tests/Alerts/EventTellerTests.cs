using Orchestrator.Cli.Alerts;

namespace Orchestrator.Cli.Tests.Alerts;

public sealed class EventTellerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly PatientClock clock = new();
    private readonly StringWriter errors = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        errors.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_event_is_told_on_the_input_of_the_line_and_the_next_watch_goes_on_behind_it()
    {
        var teller = Teller($"cat >> {At("told")}");
        teller.Position.ShouldBeNull();

        await teller.TellAsync(7, "{\"n\":1}", Token);
        await teller.TellAsync(9, "{\"n\":2}", Token);

        File.ReadAllLines(At("told")).ShouldBe(["{\"n\":1}", "{\"n\":2}"]);
        Teller("true").Position.ShouldBe(9);
        errors.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_taken_is_told_again_with_growing_pauses_and_then_left_out_with_a_word()
    {
        await Teller($"echo try >> {At("tries")}; exit 3").TellAsync(7, "{}", Token);

        File.ReadAllLines(At("tries")).Length.ShouldBe(4);
        clock.Pauses.ShouldBe([1, 2, 4]);
        errors.ToString().ShouldContain("exit status 3, 4 times; the event at 7 is left out");
        Teller("true").Position.ShouldBe(7, "who never takes one must not keep all others back");
    }

    [Fact]
    public void A_file_that_is_another_one_is_refused_and_kept()
    {
        File.WriteAllText(At("position"), "campaign: co2\n");

        Should.Throw<IOException>(() => Teller("true").Position).Message.ShouldContain("holds no position of the event log");
        File.ReadAllText(At("position")).ShouldBe("campaign: co2\n");
    }

    private EventTeller Teller(string line) => new(line, At("position"), errors, clock);

    private string At(string name) => Path.Combine(folder.FullName, name);
}
