using System.Diagnostics;
using System.Threading.Channels;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Processes;

namespace Orchestrator.Agent.Attempts;

/// <summary>
/// Writes the manifests of checkpoints one after the other, beside the running program, and lets the verify command judge them in a second row, so that a slow judge does
/// not hold back the next manifest.
/// </summary>
internal sealed class CheckpointSealer : IAsyncDisposable
{
    private readonly Channel<FoundCheckpoint> found = Channel.CreateUnbounded<FoundCheckpoint>(new() { SingleReader = true });
    private readonly Channel<FoundCheckpoint> toVerify = Channel.CreateUnbounded<FoundCheckpoint>(new() { SingleReader = true });
    private readonly CancellationTokenSource sealing = new(), verifying = new();
    private readonly Action<FoundCheckpoint, Exception> failed;
    private readonly Task sealer, verifier;

    /// <param name="seal">Writes the manifest and reports it; false when the checkpoint is no more.</param>
    /// <param name="verify">Judges and reports; null without a verify command.</param>
    /// <param name="failed">Told of what nobody foresaw, of one checkpoint; the next ones are sealed and judged all the same.</param>
    public CheckpointSealer(Func<FoundCheckpoint, CancellationToken, Task<bool>> seal, Func<FoundCheckpoint, CancellationToken, Task>? verify, Action<FoundCheckpoint, Exception> failed)
    {
        this.failed = failed;
        sealer = SealAllAsync(seal, verify is not null);
        verifier = verify is null ? Task.CompletedTask : VerifyAllAsync(verify);
    }

    public void Add(FoundCheckpoint checkpoint) => found.Writer.TryWrite(checkpoint);

    /// <summary>Finishes the manifests; judgements that are not passed yet are given up.</summary>
    public async Task FinishAsync()
    {
        found.Writer.TryComplete();
        await verifying.CancelAsync();
        await sealer;
        toVerify.Writer.TryComplete();
        await verifier;
    }

    /// <summary>Gives up what is not done: whoever looks next finds the same checkpoints again.</summary>
    public async ValueTask DisposeAsync()
    {
        await sealing.CancelAsync();
        await FinishAsync();
        sealing.Dispose();
        verifying.Dispose();
    }

    /// <summary>Runs a verify command; null when it took too long, else whether it exited with 0.</summary>
    public static async Task<bool?> JudgeAsync(Process process, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using (process)
        {
            using var deadline = new CancellationTokenSource(timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await process.WaitForExitAsync(either.Token);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                Signals.SendToGroup(process.Id, Signals.Kill);
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }
    }

    private async Task SealAllAsync(Func<FoundCheckpoint, CancellationToken, Task<bool>> seal, bool verify)
    {
        try
        {
            await foreach (var checkpoint in found.Reader.ReadAllAsync(sealing.Token))
            {
                try
                {
                    if (await seal(checkpoint, sealing.Token) && verify)
                    {
                        toVerify.Writer.TryWrite(checkpoint);
                    }
                }
                catch (Exception failure) when (!sealing.IsCancellationRequested)
                {
                    failed(checkpoint, failure);
                }
            }
        }
        catch (OperationCanceledException) when (sealing.IsCancellationRequested)
        {
            // The agent stops, or the attempt has no lease any more.
        }
    }

    private async Task VerifyAllAsync(Func<FoundCheckpoint, CancellationToken, Task> verify)
    {
        try
        {
            await foreach (var checkpoint in toVerify.Reader.ReadAllAsync(verifying.Token))
            {
                try
                {
                    await verify(checkpoint, verifying.Token);
                }
                catch (Exception failure) when (!verifying.IsCancellationRequested)
                {
                    failed(checkpoint, failure);
                }
            }
        }
        catch (OperationCanceledException) when (verifying.IsCancellationRequested)
        {
            // The attempt has ended; who goes on from a checkpoint proves it, too.
        }
    }
}
