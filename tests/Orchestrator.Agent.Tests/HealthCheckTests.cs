using Orchestrator.Agent.Machine;

namespace Orchestrator.Agent.Tests;

public sealed class HealthCheckTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("true", null)]
    [InlineData("echo all is well; exit 0", null)]
    [InlineData("exit 3", "its health check ended with status 3")]
    [InlineData("echo looking; echo '/scratch is not mounted' >&2; echo; exit 1", "its health check says: /scratch is not mounted")]
    [InlineData("no-such-program-anywhere 2> /dev/null", "its health check ended with status 127")]
    public async Task A_status_other_than_0_makes_a_node_unfit_by_the_last_line_that_was_printed(string line, string? fault) =>
        (await FirstOf(new(line, TimeSpan.FromMinutes(5), Patience, TimeProvider.System))).ShouldBe(fault);

    [Fact]
    public async Task A_check_that_hangs_is_killed_and_the_node_is_unfit() =>
        (await FirstOf(new("sleep 1000", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(0.25), TimeProvider.System))).ShouldBe("its health check did not end within 0.25 s");

    [Fact]
    public async Task It_is_checked_again_and_again_and_a_change_is_told()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        var check = new HealthCheck($"test -e '{directory}/mounted'", TimeSpan.FromMilliseconds(5), Patience, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var (unfit, fit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var running = check.RunAsync(() => (check.Fault is null ? fit : unfit).TrySetResult(), stop.Token);
        await unfit.Task;

        await File.WriteAllTextAsync(Path.Combine(directory, "mounted"), "", TestContext.Current.CancellationToken);
        await fit.Task;

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<string?> FirstOf(HealthCheck check)
    {
        using var stop = new CancellationTokenSource();
        var running = check.RunAsync(static () => { }, stop.Token);
        await check.First;
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        return check.Fault;
    }
}
