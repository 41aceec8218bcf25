using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Orchestrator.Definitions.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("55m", 3300)]
    [InlineData("1.5h", 5400)]
    [InlineData("3d", 259200)]
    [InlineData("1w", 604800)]
    [InlineData("08:00:30", 28830)]
    [InlineData("100:00:00", 360000)]
    [InlineData("1-12", 129600)]
    [InlineData("1-12:30", 131400)]
    [InlineData("1-12:00:00", 129600)]
    [InlineData("1h30m", 5400)]
    [InlineData("2d12h", 216000)]
    [InlineData("1w1d1h1m1s", 694861)]
    [InlineData("90m30s", 5430)]
    public void Durations_are_read(string text, double seconds)
    {
        DurationText.TryParse(text, out var duration, out var problem).ShouldBeTrue(problem);

        duration.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("90", "minutes, as Slurm reads it")]
    [InlineData("10:30", "minutes and seconds")]
    [InlineData("0s", "above zero")]
    [InlineData("1-24:00:00", "above 23")]
    [InlineData("00:60:00", "above 59")]
    [InlineData("-5m", "no duration")]
    [InlineData("soon", "no duration")]
    [InlineData("30m1h", "no duration")]
    [InlineData("1h1h", "no duration")]
    [InlineData("1.5h30m", "no duration")]
    [InlineData("0h0m", "above zero")]
    [InlineData("999999999999w", "at most")]
    public void Other_durations_are_refused_with_the_reason(string text, string reason)
    {
        DurationText.TryParse(text, out _, out var problem).ShouldBeFalse();

        problem.ShouldContain(reason);
    }

    [Theory]
    [InlineData("1K", 1024)]
    [InlineData("64M", 67108864)]
    [InlineData("1.5G", 1610612736)]
    [InlineData("4GiB", 4294967296)]
    public void Sizes_are_read(string text, long bytes)
    {
        SizeText.TryParse(text, out var size, out var problem).ShouldBeTrue(problem);

        size.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("4096", "megabytes")]
    [InlineData("4GB", "1000 or by 1024")]
    [InlineData("0G", "not between")]
    [InlineData("999999999P", "not between")]
    [InlineData("much", "no size")]
    public void Other_sizes_are_refused_with_the_reason(string text, string reason)
    {
        SizeText.TryParse(text, out _, out var problem).ShouldBeFalse();

        problem.ShouldContain(reason);
    }

    [Fact]
    public void Every_whole_second_survives_being_written_as_Slurm_writes_it() =>
        Prop.ForAll(Gen.Choose(1, 100_000_000).ToArbitrary(), seconds =>
        {
            var span = TimeSpan.FromSeconds(seconds);
            var text = span.ToString("d'-'hh':'mm':'ss", CultureInfo.InvariantCulture);
            return DurationText.TryParse(text, out var read, out _) && read == span;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_on_which_the_YAML_library_itself_gives_up_is_a_problem() =>
        CampaignFile.Read("name: x\n{\na").Problems.ShouldHaveSingleItem().Message.ShouldStartWith("it cannot be read");

    [Fact]
    public void No_text_makes_the_reader_throw_and_there_is_a_campaign_or_a_problem() =>
        Prop.ForAll<string?>(text =>
        {
            var reading = CampaignFile.Read("name: x\nproject: a/b\nstages: { s: { run: x } }\n" + text);
            return reading.Campaign is null == reading.Problems.Length > 0;
        }).QuickCheckThrowOnFailure();
}
