using Climate.Commands;
using Climate.Output;
using Climate.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace Climate.Tests;

public sealed class RestartTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Fact]
    public void A_run_split_at_any_two_steps_ends_with_the_same_bytes()
    {
        Runs.Run(Runs.Options(scratch["whole"])).ShouldBe(ExitCode.Done);

        var round = 0;
        Prop.ForAll(
            Gen.Choose(1, Runs.Steps - 2).Two().ToArbitrary(),
            splits =>
            {
                var output = scratch[$"split-{round++}"];
                var first = Math.Min(splits.Item1, splits.Item2);
                var second = Math.Max(splits.Item1, splits.Item2) + 1;
                Runs.Run(Runs.Options(output) with { UntilStep = first }).ShouldBe(ExitCode.Left);
                Runs.Run(Runs.Options(output) with { UntilStep = second, Resume = Path.Combine(output, "checkpoints") }).ShouldBe(ExitCode.Left);
                Runs.Run(Runs.Options(output) with { Resume = Path.Combine(output, "checkpoints") }).ShouldBe(ExitCode.Done);
                Runs.ShouldBeIdentical(scratch["whole"], output);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Fact]
    public void A_restart_rolls_the_history_back_to_its_own_records()
    {
        Runs.Run(Runs.Options(scratch["whole"])).ShouldBe(ExitCode.Done);
        Runs.Run(Runs.Options(scratch["killed"]) with { UntilStep = 20 }).ShouldBe(ExitCode.Left);
        var later = Runs.Options(scratch["killed"]) with { UntilStep = 50, Resume = scratch["killed/checkpoints/step-00000020"] };
        Runs.Run(later).ShouldBe(ExitCode.Left);
        File.AppendAllText(scratch["killed/history.nc"], "half a record");

        Runs.Run(Runs.Options(scratch["killed"]) with { Resume = scratch["killed/checkpoints/step-00000020"] }).ShouldBe(ExitCode.Done);

        Runs.ShouldBeIdentical(scratch["whole"], scratch["killed"]);
    }

    [Fact]
    public void A_restart_in_an_empty_directory_takes_the_history_from_the_checkpoint()
    {
        Runs.Run(Runs.Options(scratch["whole"])).ShouldBe(ExitCode.Done);
        Runs.Run(Runs.Options(scratch["one"]) with { UntilStep = 33 }).ShouldBe(ExitCode.Left);

        Runs.Run(Runs.Options(scratch["two"]) with { Resume = scratch["one/checkpoints/step-00000033"] }).ShouldBe(ExitCode.Done);

        Runs.ShouldBeIdentical(scratch["whole"], scratch["two"]);
    }

    [Fact]
    public void Options_that_contradict_the_restart_are_refused()
    {
        Runs.Run(Runs.Options(scratch["one"]) with { UntilStep = 10 }).ShouldBe(ExitCode.Left);

        var refused = Should.Throw<UsageException>(
            () => Runs.Run(Runs.Options(scratch["one"]) with { Forcing = 4, Resume = scratch["one/checkpoints"] }));

        refused.Message.ShouldContain("--forcing is 4");
    }

    [Fact]
    public void A_final_state_starts_another_run_at_step_0()
    {
        Runs.Run(Runs.Options(scratch["spin-up"])).ShouldBe(ExitCode.Done);

        Runs.Run(Runs.Options(scratch["coupled"]) with { Initial = scratch["spin-up/restart"], Steps = 14 }).ShouldBe(ExitCode.Done);

        using var history = new NetCdfReader(scratch["coupled/history.nc"]);
        history.Records.ShouldBe(3);
        history.Read("step", 0)[0].ShouldBe(0);
    }

    [Fact]
    public void Check_refuses_a_restart_with_any_byte_changed_or_missing()
    {
        Runs.Run(Runs.Options(scratch["run"]) with { UntilStep = 10 }).ShouldBe(ExitCode.Left);
        var file = scratch["run/checkpoints/step-00000010/state.bin"];
        var bytes = File.ReadAllBytes(file);
        CheckCommand.Run(scratch["run/checkpoints/step-00000010"], TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.Done);

        Prop.ForAll(Gen.Choose(0, bytes.Length - 1).ToArbitrary(), at =>
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            File.WriteAllBytes(file, damaged);
            CheckCommand.Run(file, TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.No);
            File.WriteAllBytes(file, bytes[..at]);
            CheckCommand.Run(file, TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.No);
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void Check_refuses_a_checkpoint_whose_history_is_not_its_own()
    {
        Runs.Run(Runs.Options(scratch["run"]) with { UntilStep = 10 }).ShouldBe(ExitCode.Left);
        var history = scratch["run/checkpoints/step-00000010/history.nc"];
        var bytes = File.ReadAllBytes(history);
        bytes[^1] ^= 1;
        File.WriteAllBytes(history, bytes);

        CheckCommand.Run(scratch["run/checkpoints/step-00000010"], TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.No);
    }

    public void Dispose() => scratch.Dispose();
}
