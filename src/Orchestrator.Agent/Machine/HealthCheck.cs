using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Agent.Machine;

/// <summary>
/// The site's own check of a node, a shell line: it runs at the start and again and again, and a status other than 0 says that the node is not fit for new work, by the last line that it prints. Only
/// who owns the machine knows what belongs to it: mounts, modules, drivers.
/// </summary>
/// <param name="line">The shell line.</param>
/// <param name="every">How often it runs.</param>
/// <param name="patience">One that takes longer is killed, and the node counts as unfit.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthCheck(string line, TimeSpan every, TimeSpan patience, TimeProvider time)
{
    private const int WordsMost = 500;

    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? fault;

    /// <summary>What is wrong with the node, as a sentence; null: nothing, by the newest check.</summary>
    public string? Fault => fault;

    /// <summary>The first check has ended.</summary>
    public Task First => first.Task;

    /// <summary>Checks at once, and again and again until cancelled.</summary>
    /// <param name="changed">Called after each check that said something else than the one before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = fault;
            fault = await AskAsync(cancellationToken);
            first.TrySetResult();
            if (fault != before)
            {
                changed();
            }

            await Task.Delay(every, time, cancellationToken);
        }
    }

    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = new("/bin/sh") { ArgumentList = { "-c", $"exec 2>&1\n{line}" }, RedirectStandardOutput = true, RedirectStandardInput = true } };
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            return $"its health check cannot be started: {missing.Message}";
        }

        process.StandardInput.Close();
        try
        {
            var last = "";
            while (await process.StandardOutput.ReadLineAsync(either.Token) is { } said)
            {
                last = said.Trim() is { Length: > 0 } words ? words : last;
            }

            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? null
                : last.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"its health check ended with status {process.ExitCode}")
                : $"its health check says: {(last.Length > WordsMost ? last[..WordsMost] : last)}";
        }
        catch (IOException unread)
        {
            return $"its health check cannot be read: {unread.Message}";
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            return string.Create(CultureInfo.InvariantCulture, $"its health check did not end within {patience.TotalSeconds:0.##} s");
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception others) when (others is AggregateException or Win32Exception or InvalidOperationException)
        {
            // What became another user's by sudo runs on; the node is told to be unfit in any case.
        }
    }
}
