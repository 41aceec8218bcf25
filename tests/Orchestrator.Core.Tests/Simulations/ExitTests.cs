using System.Collections.Immutable;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What the end of a program means.</summary>
public sealed class ExitTests
{
    private static readonly StageDefinition Plain = Make.Stage("a");
    private static readonly StageDefinition WithOutputs = Plain with { Outputs = ["history.nc"] };

    private static readonly StageDefinition Mapped = Plain with
    {
        OnExit = ImmutableSortedDictionary<int, ExitMeaning>.Empty
            .Add(3, ExitMeaning.Success).Add(4, ExitMeaning.Retry).Add(5, ExitMeaning.Continue).Add(6, ExitMeaning.SoftFail).Add(7, ExitMeaning.HardFail).Add(85, ExitMeaning.HardFail),
    };

    [Fact]
    public void The_rules_are_these()
    {
        string.Join('\n', Table()).ShouldBe(
            """
            exit 0                                          Success  Completed
            exit 0, outputs there                           Success  Completed
            exit 0, outputs missing                         Restart  Failed
            exit 0, asked                                   Continue Paused
            exit 0, asked, progress 0.99                    Continue Paused
            exit 0, asked, progress 1                       Success  Completed
            exit 0, asked, outputs there                    Success  Completed
            exit 0, asked, outputs missing                  Continue Paused
            exit 0, asked, outputs missing, progress 1      Restart  Failed
            exit 85                                         Continue Continued
            exit 85, asked                                  Continue Paused
            exit 85, mapped to a hard failure               Continue Continued
            exit 1                                          Restart  Failed
            exit 1, asked                                   Continue Paused
            signal 11                                       Restart  Failed
            signal 15, asked                                Continue Paused
            mapped to success                               Success  Completed
            mapped to success, asked                        Continue Paused
            mapped to retry                                 Retry    Failed
            mapped to retry, asked                          Continue Paused
            mapped to continue                              Continue Continued
            mapped to a soft failure                        SoftFail Failed
            mapped to a hard failure, asked                 HardFail Failed
            no exit record                                  Continue NodeLost
            no exit record, asked                           Continue Paused
            """, StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public void A_failure_is_told_with_the_last_line_the_program_said()
    {
        var verdict = ExitRules.Judge(Plain, new() { ExitStatus = 2, LastWords = "reading restart\nfloating point exception in dyn.f90:112\n" });

        verdict.Reason.ShouldBe("exit status 2: floating point exception in dyn.f90:112");
        verdict.Cause.ShouldBe("exit 2");
    }

    private static IEnumerable<string> Table()
    {
        yield return Row("exit 0", Plain, 0);
        yield return Row("exit 0, outputs there", WithOutputs, 0);
        yield return Row("exit 0, outputs missing", WithOutputs, 0, missing: true);
        yield return Row("exit 0, asked", Plain, 0, asked: true);
        yield return Row("exit 0, asked, progress 0.99", Plain, 0, asked: true, progress: 0.99);
        yield return Row("exit 0, asked, progress 1", Plain, 0, asked: true, progress: 1);
        yield return Row("exit 0, asked, outputs there", WithOutputs, 0, asked: true);
        yield return Row("exit 0, asked, outputs missing", WithOutputs, 0, asked: true, missing: true);
        yield return Row("exit 0, asked, outputs missing, progress 1", WithOutputs, 0, asked: true, missing: true, progress: 1);
        yield return Row("exit 85", Plain, 85);
        yield return Row("exit 85, asked", Plain, 85, asked: true);
        yield return Row("exit 85, mapped to a hard failure", Mapped, 85);
        yield return Row("exit 1", Plain, 1);
        yield return Row("exit 1, asked", Plain, 1, asked: true);
        yield return Row("signal 11", Plain, null, signal: 11);
        yield return Row("signal 15, asked", Plain, null, signal: 15, asked: true);
        yield return Row("mapped to success", Mapped, 3);
        yield return Row("mapped to success, asked", Mapped, 3, asked: true);
        yield return Row("mapped to retry", Mapped, 4);
        yield return Row("mapped to retry, asked", Mapped, 4, asked: true);
        yield return Row("mapped to continue", Mapped, 5);
        yield return Row("mapped to a soft failure", Mapped, 6);
        yield return Row("mapped to a hard failure, asked", Mapped, 7, asked: true);
        yield return Row("no exit record", Plain, null);
        yield return Row("no exit record, asked", Plain, null, asked: true);
    }

    private static string Row(string name, StageDefinition stage, int? status, int? signal = null, bool asked = false, bool missing = false, double progress = -1)
    {
        var verdict = ExitRules.Judge(stage, new()
        {
            ExitStatus = status,
            Signal = signal,
            AskedToLeave = asked,
            Asked = asked ? StopReason.Pause : StopReason.Absent,
            MissingOutputs = missing ? ["history.nc"] : [],
            Progress = progress,
        });
        return $"{name,-47} {verdict.Meaning,-8} {verdict.End}";
    }
}
