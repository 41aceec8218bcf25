using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Tests;

public sealed class VerdictTests : IDisposable
{
    private readonly Scratch scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_checkpoint_is_valid_each_time_it_is_looked_at()
    {
        var record = await SealAsync();

        (await ExamineAsync(record)).ShouldBe(CheckpointVerdict.Valid);
        (await ExamineAsync(record)).ShouldBe(CheckpointVerdict.Valid);
    }

    [Fact]
    public async Task Without_its_manifest_it_is_missing()
    {
        var record = await SealAsync();
        File.Delete(scratch.Path("c.manifest"));

        (await ExamineAsync(record)).Condition.ShouldBe(CheckpointCondition.Missing);
    }

    [Fact]
    public async Task With_a_file_gone_or_cut_short_it_is_incomplete()
    {
        var record = await SealAsync();
        File.Delete(scratch.Path("c/two"));

        (await ExamineAsync(record)).Condition.ShouldBe(CheckpointCondition.Incomplete);

        scratch.Write("c/two", "sh");
        var cut = await ExamineAsync(record);
        cut.Condition.ShouldBe(CheckpointCondition.Incomplete);
        cut.Damage.ShouldBe("Its file two has 2 bytes instead of 5.");

        Directory.Delete(scratch.Path("c"), recursive: true);
        (await ExamineAsync(record)).Condition.ShouldBe(CheckpointCondition.Incomplete);
    }

    [Fact]
    public async Task With_other_bytes_or_another_manifest_it_is_corrupted()
    {
        var record = await SealAsync();
        scratch.Write("c/one", "other");
        var changed = await ExamineAsync(record);

        changed.Condition.ShouldBe(CheckpointCondition.Corrupted);
        changed.Damage.ShouldBe("The bytes of its file one have changed.");
        (await ExamineAsync(record with { ManifestHash = "00" })).Condition.ShouldBe(CheckpointCondition.Corrupted);
        (await CheckpointFiles.FindDamageAsync(scratch.Root, record, Token)).ShouldBe(changed.Damage);
    }

    private Task<CheckpointVerdict> ExamineAsync(CheckpointRecord record) => CheckpointFiles.ExamineAsync(scratch.Root, record, Token);

    private async Task<CheckpointRecord> SealAsync()
    {
        scratch.Write("c/one", "first");
        scratch.Write("c/two", "later");
        var made = await CheckpointFiles.SealAsync(scratch.Path("c"), Token);
        return new() { Name = "e1/c", Path = "c" + CheckpointFiles.ManifestSuffix, ManifestHash = made.ManifestHash, Bytes = made.Bytes };
    }
}
