using System.Globalization;

namespace Orchestrator.Definitions.Tests;

public sealed class MomentTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("now", "2026-08-01T08:00:00Z")]
    [InlineData("+2h", "2026-08-01T10:00:00Z")]
    [InlineData("+1-12:00:00", "2026-08-02T20:00:00Z")]
    [InlineData("2026-09-01T08:00Z", "2026-09-01T08:00:00Z")]
    [InlineData("2026-09-01T08:00:30+02:00", "2026-09-01T06:00:30Z")]
    public void A_moment_is_read(string text, string expected)
    {
        MomentText.TryParse(text, Now, out var moment, out var problem).ShouldBeTrue(problem);

        moment.ShouldBe(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture));
        moment.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("tomorrow", "\"tomorrow\" is no moment")]
    [InlineData("2026-09-01T08:00", "has no zone")]
    [InlineData("2026-02-30T08:00Z", "is no moment")]
    [InlineData("+5", "has no unit")]
    [InlineData("", "is no moment")]
    public void What_is_none_is_told(string text, string expected)
    {
        MomentText.TryParse(text, Now, out _, out var problem).ShouldBeFalse();

        problem.ShouldContain(expected);
    }
}
